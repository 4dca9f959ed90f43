policy { name = "q" }

model "users.user" {
  table       = "users"
  natural_key = [username]
}

model "users.role" {}
