model "a.b" {
  table       = b
  natural_key = [id]
  source {}
}
model "a.c" {
  table       = c
  natural_key = [id]
  source {
    table   = "${var.x}"
    columns = { owner = person, owner = person_id, name = person, owner_id = "the owner", "card number" = a.b, n = 3 }
  }
}
model "a.d" {
  table       = d
  natural_key = [id]
  source { columns = [a, b] }
  source { table = d }
}
model "a.e" {
  table       = e
  natural_key = [id]
  source { columns = {} }
}
