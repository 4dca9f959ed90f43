model "users.user" {
  table = 
}
nonsense {}
