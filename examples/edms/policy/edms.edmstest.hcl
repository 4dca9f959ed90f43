# What the policy promises, on a handful of rows each. Run them with
#
#   edmsplan test -policy examples/edms/policy
#
# A test fails on anything that its plan does and it does not mention. Columns
# that a row leaves out and that take no null are filled in.

database {
  schema = {
    sqlite   = "../schema.sqlite.sql"
    postgres = "../schema.postgres.sql"
  }
}

# Who and what is live in every test.
live "users.user" {
  rows = [
    { username = "admin", is_active = true, is_superuser = true },
    { username = "author01", is_active = true },
  ]
}

live "documents.documenttype" {
  rows = [{ code = "SOP", name = "Work Instructions", created_by = "admin" }]
}

live "documents.documentsource" {
  rows = [{ name = "Original Digital Draft" }]
}

locals {
  # What every document has that the tests do not look at.
  document = {
    document_type   = "SOP"
    document_source = "Original Digital Draft"
    author          = "author01"
    version_major   = 1
    version_minor   = 0
  }
}

test "a restore updates a document, adds one and keeps what the package lacks" {
  live "documents.document" {
    rows = [
      merge(local.document, { document_number = "SOP-0001", title = "Cleaning", status = "EFFECTIVE" }),
      merge(local.document, { document_number = "SOP-0002", title = "Sampling" }),
    ]
  }

  package "documents.document" {
    records = [
      { document_number = "SOP-0001", title = "Cleaning of vessels" },
      merge(local.document, { document_number = "SOP-0003", title = "Labelling" }),
    ]
  }

  expect {
    change "documents.document" "SOP-0001" {
      before = { title = "Cleaning" }
      after  = { title = "Cleaning of vessels" }
    }
    add "documents.document" "SOP-0003" {
      after = { title = "Labelling", author = "author01" }
    }
    unchanged "documents.document" "SOP-0002" {}
  }
}

test "a role that was seeded anew keeps its uuid here" {
  live "users.role" {
    rows = [{ name = "Reviewer", uuid = "a48e5c46-6ae3-58d3-8a28-66c3fb780152", created_by = "admin" }]
  }

  package "users.role" {
    records = [{ name = "Reviewer", uuid = "533c47ed-692a-54c6-8421-0202d76d2cec" }]
  }

  expect {
    no_changes = true
    remap "users.role" "Reviewer" {
      package = { uuid = "533c47ed-692a-54c6-8421-0202d76d2cec" }
      live    = { uuid = "a48e5c46-6ae3-58d3-8a28-66c3fb780152" }
    }
  }
}

test "a record whose author nobody knows refuses the plan" {
  package "documents.document" {
    records = [merge(local.document, { document_number = "SOP-0009", author = "nobody" })]
  }

  expect {
    diagnostic "reference.missing" {
      model = documents.document
      text  = "nobody"
    }
  }
}

test "a re-initialisation clears documents and people, not the administrator" {
  reinit = true

  variables {
    reinit_at = "2026-04-01T08:00:00Z"
  }

  live "documents.document" {
    rows = [merge(local.document, { document_number = "SOP-0001" })]
  }

  expect {
    destroy "documents.document" "SOP-0001" { reason = "reinit" }
    destroy "users.user" "author01" {}
    unchanged "users.user" "admin" {}
    unchanged "documents.documenttype" "SOP" {}
    guard "somebody remains" { holds = true }

    # The standard types and sources that were missing.
    count "documents.documenttype" { add = 5 }
    count "documents.documentsource" { add = 2 }
  }
}
