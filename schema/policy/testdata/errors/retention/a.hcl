policy {
  name = "p"
  require_signature = []
}
retention {}
