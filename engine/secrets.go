package engine

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// secretRounds makes guessing from a plan's Digests.Secrets slow; it costs a
// plan some 80 ms.
const secretRounds = 200_000

// sealSecrets is what a plan with this id holds of the planner's digest of
// sensitive values: whether they are still the same can be told by who has
// them, and nothing else. Values differ between plans, as the id salts them.
func (e *Engine) sealSecrets(digest, planID string) (string, error) {
	if digest == "" {
		return "", nil
	}
	rounds := cmp.Or(e.rounds, secretRounds)
	key, err := pbkdf2.Key(sha256.New, digest, []byte("edmsplan secrets "+planID), rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("seal the sensitive values: %w", err)
	}
	return hex.EncodeToString(key), nil
}
