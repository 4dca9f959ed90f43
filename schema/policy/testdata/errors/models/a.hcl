policy { name = "p" }
model "users.user" {
  table       = "users"
  natural_key = [username]
  reference "a" { model = users.usr }
  json_reference "b" {
    paths = { x = user.user, y.z = documents.document, x = users.user, "a..b" = users.user, c = 1 }
  }
  json_reference "c" { paths = {} }
}
model "documents.paper" {
  table       = "papers"
  natural_key = [number]
}
scope "s" {
  models = ["users.*", "document.*", users.usr, wrokflows.*]
  where "documents.paper" { rows = true }
  where "documents.papr" { rows = true }
  where "users.user" { rows = self.name }
}
scope "s" { models = [] }
scope "t" { models = [] }
seed "users.usr" { records = [{ a = 1, a = 2 }, 3] }
guard "g" {
  condition     = plan.destory["users.user"] + plan.destroy["users.usr"] < 3
  error_message = ""
  level         = fatal
}
