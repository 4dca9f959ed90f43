policy { name = "p" }
variable "token" { sensitive = true }
variable "site" { default = "hunter2" }
locals {
  hash   = django_password(var.token)
  hidden = { a = var.token }
}
model "users.user" {
  table       = users
  natural_key = [username]
  sensitive   = [password]
  derive "code" { value = django_unusable_password() }
}
model "users.userrole" {
  table       = user_roles
  natural_key = [user, role]
}
seed "users.user" {
  on      = sometimes
  match   = fail
  records = [{ username = "a" }]
}
seed "users.user" {
  on = reinit
  records = [
    { username = "b", password = "x" },
    { email = "c@example.test" },
    { username = "b", password = "y" },
    { username = var.token },
    { username = django_unusable_password() },
    { username = "d", pin = var.token, code = django_password(var.token), password = django_password("hunter3") },
    { username = "e", password = django_password(var.site) },
    { username = "f", password = django_password(null), x = upper(1 + "a"), y = self.username, z = each.value },
    { username = "g", password = django_password() },
  ]
}
seed "users.userrole" {
  on       = always
  for_each = { a = "x", b = "x" }
  records  = [{ user_id = each.value, role = ["r"], note = each.value.missing }]
}
seed "users.userrole" {
  on       = always
  for_each = { a = "x", b = "x" }
  records  = [{ user = each.value, role = ["r"] }]
}
seed "users.userrole" {
  on       = always
  for_each = local.hidden
  records  = [{ user = each.key, role = each.value, note = tonumber(each.value) }]
}
seed "users.userrole" {
  on       = always
  for_each = null
  records  = [{ user = each.key, rol = "r" }]
}
seed "users.userrole" {
  on       = always
  for_each = [for a in range(200) : a]
  records  = [for a in range(200) : { user = a, role = a }]
}
seed "users.userrole" {
  on       = always
  for_each = flatten([for a in range(1000) : range(11)])
  records  = [{ user = each.key, role = 1 }]
}
