policy { name = "p" }
variable "colour" { default = "red" }
locals {
  a = local.b
  b = local.a
  c = local.d
  d = 1
  d = 2
  e = upper(1, 2)
}
model "users.user" {
  table       = "users"
  natural_key = [username]
  derive "a" { value = uper(self.name) }
  derive "b" { value = var.color }
  derive "c" { value = local.z }
  derive "d" { value = admin }
  derive "e" { value = jsonencode(self) }
  derive "f" { value = self.name + true }
  derive "g" { value = env("NOT_SET") }
  derive "h" { value = file("../x") }
  derive "i" { value = uuidv5("dnss", self.name) }
  derive "j" { value = tonumber("one") }
  derive "k" { value = timestamp() }
  derive "l" { value = file("missing.txt") }
  reinit { clear = "yes" }
}
check "c" {
  query     = self.name
  condition = result
}
live { url = env("NOT_SET_EITHER") }
