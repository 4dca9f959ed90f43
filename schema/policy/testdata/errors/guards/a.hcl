policy { name = "p" }
variable "token" { sensitive = true }
model "users.user" {
  table       = users
  natural_key = [username]
}
guard "a" {
  condition     = plan.destroy > 3
  error_message = "m"
}
guard "b" {
  condition     = plan.total.destory == 0 || plan.total == 0
  error_message = "m"
}
guard "c" {
  condition     = plan.total.destroy
  error_message = "for ${var.token}"
}
guard "d" { condition = plan["change"]["users.usr"] == 0 }
check "a" {}
check "b" { query = "SELECT 1" }
check "c" { model = users.user }
check "d" {
  query     = "SELECT 1"
  condition = result == 0
  model     = users.user
  rows      = true
}
check "e" {
  model = users.usr
  rows  = self.username + 1
}
check "f" {
  query     = "SELECT '${var.token}'"
  condition = self.a == 1
}
check "g" {
  model = users.user
  rows  = result
}
