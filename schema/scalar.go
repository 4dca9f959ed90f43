package schema

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

var errBytes = errors.New(`expected base64 or "\x" and hexadecimal digits`)

// parseBytes takes the canonical form and Django's base64. No base64 starts
// with a backslash.
func parseBytes(l Literal) (string, error) {
	if l.Kind != StringLiteral {
		return "", unexpected("base64", l)
	}
	var raw []byte
	var err error
	if digits, ok := strings.CutPrefix(l.Text, `\x`); ok {
		raw, err = hex.DecodeString(digits)
	} else {
		raw, err = base64.StdEncoding.DecodeString(l.Text)
	}
	if err != nil {
		return "", errBytes // the cause would quote a part of the value
	}
	return `\x` + hex.EncodeToString(raw), nil
}

func parseUUID(l Literal) (string, error) {
	const want = "a uuid"
	if l.Kind != StringLiteral {
		return "", unexpected(want, l)
	}
	s := strings.ToLower(l.Text)
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return "", unexpected(want, l)
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if _, err := hex.DecodeString(s); err != nil || len(s) != 32 {
		return "", unexpected(want, l)
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], nil
}

// parseInet parses an address or a network. A cidr column always shows the
// length of the network and takes no bits beyond it.
func (t Type) parseInet(l Literal) (string, error) {
	const want = "an IP address or network"
	if l.Kind != StringLiteral {
		return "", unexpected(want, l)
	}
	host, length, hasLength := strings.Cut(l.Text, "/")
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" {
		return "", unexpected(want, l)
	}
	bits := a.BitLen()
	if hasLength {
		n, err := strconv.ParseUint(length, 10, 8)
		if err != nil || int(n) > bits {
			return "", unexpected(want, l)
		}
		bits = int(n)
	}
	if t.Native == "cidr" && hostBits(a, bits) {
		return "", errors.New("the network has bits set beyond its length")
	}
	text := addrText(a)
	if bits < a.BitLen() || t.Native == "cidr" {
		text += "/" + strconv.Itoa(bits)
	}
	return text, nil
}

func hostBits(a netip.Addr, bits int) bool {
	raw := a.AsSlice()
	for i := bits; i < 8*len(raw); i++ {
		if raw[i/8]>>(7-i%8)&1 == 1 {
			return true
		}
	}
	return false
}

// addrText is netip's text but for IPv4-compatible addresses, whose last part
// PostgreSQL prints in dots.
func addrText(a netip.Addr) string {
	if !a.Is6() || a.Is4In6() {
		return a.String()
	}
	raw := a.As16()
	for _, b := range raw[:12] {
		if b != 0 {
			return a.String()
		}
	}
	if raw[12] == 0 && raw[13] == 0 {
		return a.String()
	}
	return "::" + netip.AddrFrom4([4]byte(raw[12:])).String()
}
