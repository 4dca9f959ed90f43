# States, workflows and their transitions.

locals {
  # The code of a state by what the package still says of it, "name|description".
  #
  # The code is the primary key of workflow_document_states, and Django's
  # dumpdata --natural-primary leaves primary keys out: a package has the states
  # without what identifies them. Names alone do not tell them apart ("Approved
  # and Effective" and "Pending Obsoletion" occur twice each), and the code does
  # not always follow from the name ("Under Review" does, "Approved and Effective" is
  # EFFECTIVE). Name and description together do, for all states but two: those
  # with the codes APPROVED and '' are equal in every field but the code.
  state_codes = {
    "Approved|Approved and ready to be effective"                  = "APPROVED"
    "Approved and Effective|"                                      = "APPROVED_AND_EFFECTIVE"
    "Approved - Pending Effective|"                                = "APPROVED_PENDING_EFFECTIVE"
    "Draft|Initial draft state"                                    = "DRAFT"
    "Approved and Effective|Document is effective and in use"      = "EFFECTIVE"
    "In Review|Document is under review"                           = "IN_REVIEW"
    "Obsolete|No longer in use"                                    = "OBSOLETE"
    "Pending Approval|Waiting for approval"                        = "PENDING_APPROVAL"
    "Approved, Pending Effective|"                                 = "PENDING_EFFECTIVE"
    "Pending Obsoletion|"                                          = "PENDING_OBSOLETE"
    "Pending Obsoletion|Document is pending obsoletion approval"   = "PENDING_OBSOLETION"
    "Pending Review|Waiting for review assignment"                 = "PENDING_REVIEW"
    "Reviewed|Document has been reviewed and approved by reviewer" = "REVIEWED"
    "Review Completed|Review completed, awaiting approval"         = "REVIEW_COMPLETED"
    "Superseded|Replaced by newer version"                         = "SUPERSEDED"
    "Terminated|Workflow terminated early"                         = "TERMINATED"
    "Under Approval|Currently being approved"                      = "UNDER_APPROVAL"
    "Under Review|Currently being reviewed"                        = "UNDER_REVIEW"
  }
}

model "workflows.documentstate" {
  table       = "workflow_document_states"
  natural_key = [code]

  # A state that the list above does not know gets the code that its name makes,
  # as most have it. Should that be the code of another one, the two records are
  # reported as duplicates: nothing is overwritten.
  derive "code" {
    value = lookup(
      local.state_codes,
      "${self.name}|${self.description}",
      upper(replace(self.name, " ", "_")),
    )
  }

  # The two states that equal each other both become APPROVED. One is taken, the
  # other is skipped and counted; nothing refers to the one with the empty code.
  # Where a live database has the row with the empty code, it stays (absent =
  # keep).
  on_duplicate = first

  reinit { clear = false }
}

model "workflows.workflowtype" {
  table = "workflow_types"

  # Packages keep the primary key of this model and would refer to it by that.
  # The name is unique; workflow_type is not, two rows have ''.
  natural_key = [name]
  surrogate   = [uuid]

  reinit { clear = false }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}

model "workflows.documentworkflow" {
  table = "document_workflows"

  # One to one with the document. Packages spell references to it as
  # ["POL-2026-0001-v01.00", "REVIEW"]; workflow_type is plain text here, not a
  # reference, and no part of what makes the row unique.
  natural_key = [document]
  package_key = [document, workflow_type]
  surrogate   = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "initiated_by" { on_destroy = keep }
  reference "current_assignee" { on_destroy = keep }
  reference "selected_reviewer" { on_destroy = keep }
  reference "selected_approver" { on_destroy = keep }
}

model "workflows.documenttransition" {
  table = "document_transitions"

  # A workflow passes through the same pair of states as often as a document is
  # sent back, so nothing but the uuid identifies a transition. Django's key for
  # it ends in the integer id that the record itself no longer has.
  natural_key = [uuid]

  # Cleared with the workflow it belongs to; no other rule destroys one.
  reinit { clear = true }
  reference "workflow" { on_destroy = destroy }
  reference "transitioned_by" { on_destroy = keep }
}

# Workflows of the older kind, on records of any model.

model "workflows.workflowinstance" {
  table       = "workflow_instances"
  natural_key = [uuid]

  reinit { clear = true }
  reference "initiated_by" { on_destroy = keep }
  reference "current_assignee" { on_destroy = keep }
}

model "workflows.workflowtransition" {
  table       = "workflow_transitions"
  natural_key = [uuid]
  sensitive   = [session_id]

  reinit { clear = true }
  reference "workflow_instance" { on_destroy = destroy }
  reference "transitioned_by" { on_destroy = keep }

  export { hash = [session_id] }
}

model "workflows.workflownotification" {
  table       = "workflow_notifications"
  natural_key = [uuid]

  reinit { clear = true }
  reference "workflow_instance" { on_destroy = destroy }
  reference "recipient" { on_destroy = destroy }
}

model "workflows.workflowtask" {
  table       = "workflow_tasks"
  natural_key = [uuid]

  reinit { clear = true }
  reference "workflow_instance" { on_destroy = destroy }
  reference "assigned_by" { on_destroy = keep }
  reference "assigned_to" { on_destroy = keep }
}
