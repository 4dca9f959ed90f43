# Documents and what belongs to them. A re-initialisation clears them all; their
# types and the three standard sources stay.
#
# A record that is kept because something preserved names it (a digital
# signature keeps its document) keeps what it refers to: its author, its type.

locals {
  standard_sources = ["Original Digital Draft", "Scanned Original", "Scanned Copy"]
}

model "documents.documenttype" {
  table = "document_types"

  # The code, not the name: names are unique as well, but they were given to
  # other codes over the years. A seeded installation calls SOP "Standard
  # Operating Procedure", a grown one "Work Instructions"; and one row has the
  # empty code and the name "POL", which is the code of another. The empty code
  # is a code like any other and must survive: '' is not null.
  natural_key = [code]
  surrogate   = [uuid]

  reinit { clear = false }

  # The types stay and their creators go.
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}

model "documents.documentsource" {
  table       = "document_sources"
  natural_key = [name] # source_type is not unique
  surrogate   = [uuid]

  reinit { clear = !contains(local.standard_sources, self.name) }
}

model "documents.document" {
  table = "documents"

  # The number, which contains the version ("SOP-2026-0001-v02.00"), and never
  # the title: all versions of one document share it. The file's checksum is no
  # identity either, several documents were made from one template.
  natural_key = [document_number]

  # Not adopted where it differs: the document's file is named after the uuid
  # of the row that is live.
  surrogate = [uuid]

  # May hold wrapped keys and initialisation vectors.
  sensitive = [encryption_metadata]

  reinit { clear = true }
  reference "author" { on_destroy = keep }
  reference "reviewer" { on_destroy = keep }
  reference "approver" { on_destroy = keep }
  reference "obsoleted_by" { on_destroy = keep }
  reference "supersedes" { on_destroy = keep }
  reference "document_source" { on_destroy = keep }

  export {
    replace "encryption_metadata" { value = {} }
  }
}

model "documents.documentversion" {
  table       = "document_versions"
  natural_key = [document, version_major, version_minor]
  surrogate   = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "created_by" { on_destroy = keep }
}

model "documents.documentdependency" {
  table       = "document_dependencies"
  natural_key = [document, depends_on, dependency_type]
  surrogate   = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "depends_on" { on_destroy = destroy }
  reference "created_by" { on_destroy = keep }
}

model "documents.documentaccesslog" {
  table = "document_access_logs"

  # A log row has no other identity: one user may open one document twice within
  # a millisecond, and a package's times are cut to milliseconds.
  natural_key = [uuid]

  # While it lasts, a session's key is as good as the user's password.
  sensitive = [session_id]

  # Cleared with the documents it is about; no other rule destroys a row of it.
  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "user" { on_destroy = keep }

  export { hash = [session_id] }
}

model "documents.documentcomment" {
  table       = "document_comments"
  natural_key = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "parent_comment" { on_destroy = destroy }
  reference "author" { on_destroy = keep }
  reference "resolved_by" { on_destroy = keep }
}

model "documents.documentattachment" {
  table       = "document_attachments"
  natural_key = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "uploaded_by" { on_destroy = keep }
}
