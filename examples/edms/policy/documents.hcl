# Documents and what belongs to them.

model "documents.documenttype" {
  table = "document_types"

  # The code, not the name: names are unique as well, but they were given to
  # other codes over the years. A seeded installation calls SOP "Standard
  # Operating Procedure", a grown one "Work Instructions"; and one row has the
  # empty code and the name "POL", which is the code of another. The empty code
  # is a code like any other and must survive: '' is not null.
  natural_key = [code]
  surrogate   = [uuid]
}

model "documents.documentsource" {
  table       = "document_sources"
  natural_key = [name] # source_type is not unique
  surrogate   = [uuid]
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
}

model "documents.documentversion" {
  table       = "document_versions"
  natural_key = [document, version_major, version_minor]
  surrogate   = [uuid]
}

model "documents.documentdependency" {
  table       = "document_dependencies"
  natural_key = [document, depends_on, dependency_type]
  surrogate   = [uuid]
}

model "documents.documentaccesslog" {
  table = "document_access_logs"

  # A log row has no other identity: one user may open one document twice within
  # a millisecond, and a package's times are cut to milliseconds.
  natural_key     = [uuid]
  prevent_destroy = true

  # While it lasts, a session's key is as good as the user's password.
  sensitive = [session_id]
}
