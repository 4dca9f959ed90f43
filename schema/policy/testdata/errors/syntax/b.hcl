model "users.user" {
  match = update
  match = keep
}
policy { name = "p" 
