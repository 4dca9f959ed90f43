policy { name = "p" }
model "a.person" {
  table       = people
  natural_key = [login]
  sensitive   = [password, token]
  export {
    keep  = [pasword, token, login]
    hash  = [owner, token]
    unset = [owner_id]
    replace "token" { value = "x" }
  }
}
