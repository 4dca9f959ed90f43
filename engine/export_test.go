package engine

// Quick has e seal secrets in no time. What one such engine has planned only
// another can apply, as the rounds are not part of a plan.
func Quick(e *Engine) *Engine {
	e.rounds = 1
	return e
}
