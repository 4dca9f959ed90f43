policy { name = "p" }
model "users.user" {
  table           = "users"
  natural_key     = [username]
  match           = updat
  absent          = "destory"
  primary_key     = keep-if-free
  on_duplicate    = last
  on_collision    = 1
  prevent_destroy = "true"
  max_destroy     = -1
  reference "a" { on_missing = keep }
  reference "b" { on_missing = crate }
  generic_reference "c" {
    type       = t
    id         = i
    on_missing = create
  }
  generic_reference "d" {
    type = t
    id   = t
  }
  reference "e" { create = { a = 1 } }
  reference "f" {
    on_missing = create
    create     = [1]
  }
}
