package plans

// OptionUndo is the key of Header.Options for the id of the apply that the
// plan reverses.
const OptionUndo = "undo"

// Undoes is the id of the apply that the plan reverses, empty for any other
// plan. A plan that does has neither policy nor package.
func (h *Header) Undoes() string { return h.Options[OptionUndo] }
