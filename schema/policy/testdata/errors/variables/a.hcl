policy { name = "p" }
variable "a" {}
variable "b" {
  type    = strin
  default = 1
}
variable "c" {
  type    = number
  default = "one"
}
variable "d" {
  type      = number
  default   = "hunter2"
  sensitive = true
}
variable "e" { default = var.a }
variable "f g" { default = 1 }
variable "h" { type = list(number) }
variable "i" {
  type      = number
  sensitive = true
}
variable "j" { type = list(number) }
