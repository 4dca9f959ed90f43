package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

const copyAgain = "Copy the file again, or take another backup."

func refuseHeader(what string, cause error) error {
	return &backup.Refusal{
		Code: "package.encryption", Summary: "the header of the encrypted file is not sound", Cause: cause,
		Detail: strings.ToUpper(what[:1]) + what[1:] + ".", Remedy: copyAgain,
	}
}

// badHeader says why the bytes that were read begin no age file.
func badHeader(err error, head []byte) error {
	var source *sourceError
	switch {
	case errors.As(err, &source):
		return source.err
	case bytes.HasPrefix(head, []byte(armored)):
		return &backup.Refusal{
			Code: "package.encryption", Summary: "the encrypted file is ASCII-armored, which cannot be read at random", Cause: err,
			Remedy: "Decrypt it with age -d, and encrypt it again without -a.",
		}
	case !bytes.HasPrefix(head, []byte(introAny)):
		return &backup.Refusal{
			Code: "package.encryption", Summary: "it is no age file but " + backup.Identify(head), Cause: err,
			Remedy: "Give the file as it was written.",
		}
	case !bytes.HasPrefix(head, []byte(intro)) && bytes.IndexByte(head[:min(len(head), 64)], '\n') >= 0:
		return &backup.Refusal{
			Code: "package.encryption", Summary: "the encrypted file is of a version of the age format that is not known", Cause: err,
			Remedy: "Version 1 is read: decrypt the file with the program that wrote it.",
		}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), len(head) < len(intro):
		return cutOff("The file ends within its header.", err)
	}
	return refuseHeader("it is not what age writes", err)
}

// badContent is the error for encrypted bytes behind the header; atEnd says
// that those at the end of the file are meant.
func badContent(err error, atEnd bool) error {
	var source *sourceError
	switch {
	case errors.As(err, &source):
		return source.err
	case atEnd, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return cutOff("What the file ends with is not the end that was written.", err)
	}
	return &backup.Refusal{
		Code: "package.damaged", Summary: "the encrypted data was altered or damaged", Cause: err,
		Detail: "A piece of it does not decrypt.", Remedy: copyAgain,
	}
}

func cutOff(detail string, cause error) error {
	return &backup.Refusal{
		Code: "package.truncated", Summary: "the encrypted file is cut off or damaged at its end", Cause: cause,
		Detail: detail, Remedy: copyAgain,
	}
}

func tooMuchWork(factor int) error {
	return &backup.Refusal{
		Code: "package.encryption", Summary: "its passphrase asks for too much work",
		Detail: fmt.Sprintf("The work factor is %d; up to %d is accepted, which takes 1 GiB of memory.", factor, maxWork),
		Remedy: "If the file is genuine, decrypt it with age -d.",
	}
}

// missingKey says what the header asks for and how to give it.
func missingKey(h Header, ids *Identities) error {
	inFile := fmt.Sprintf("name its file with -identity, or put it into %s", EnvIdentity)
	switch {
	case h.Passphrase && ids.passphrase:
		return fmt.Errorf("%w with a passphrase, and the one given is wrong", ErrKey)
	case h.Passphrase:
		return fmt.Errorf("%w with a passphrase: put it into %s, or into a file and name that with -passphrase-file", ErrKey, EnvPassphrase)
	case h.Keys == 0:
		return fmt.Errorf("%w for recipients that edmsplan cannot be (%s): decrypt it with the program that wrote it", ErrKey, strings.Join(h.Others, ", "))
	case ids.keys() > 0:
		return fmt.Errorf("%w, and the secret key of none of its recipients was given (it is %s): %s", ErrKey, h, inFile)
	}
	return fmt.Errorf("%w, and a secret key is needed (it is %s): %s", ErrKey, h, inFile)
}
