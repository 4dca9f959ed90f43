policy { name = "p" }
model "documents.document" {
  table       = documents
  natural_key = [number]
}
files "a" {
  path      = "/"
  package   = "../outside"
  reference = documents.document
  prefix    = ""
}
files "b" {
  path   = "/srv/files/b"
  prefix = "b/"
  reinit { clear = self.old }
}
files "c" {
  path      = "/srv/files"
  package   = "storage/c/"
  reference = documents.document.path
}
files "d" {
  path      = "/srv/other/../other"
  package   = "storage/c/d"
  reference = documents.document.path
}
files "e" {
  path      = "/srv/e"
  reference = documents.document.path_id
}
files "../f" {
  path      = "/srv/f/.."
  reference = path
  reinit { clear = 1 }
}
files "g" {
  path    = ".."
  package = "."
}
