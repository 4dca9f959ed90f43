package s3_test

import (
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/s3"
	"github.com/edmsplan/edmsplan/providers/storage/s3/s3test"
)

// between opens the bucket through a network that does what the function says:
// it may answer itself, or call pass to have the server answer.
func between(t *testing.T, b s3test.Bucket, f func(w http.ResponseWriter, r *http.Request, pass func(http.ResponseWriter))) *s3.Store {
	t.Helper()
	endpoint, _ := b.Env("AWS_ENDPOINT_URL")
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	// The host that was signed stays.
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
		ErrorLog: log.New(io.Discard, "", 0), // connections are cut on purpose
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f(w, r, func(w http.ResponseWriter) { proxy.ServeHTTP(w, r) })
	}))
	t.Cleanup(front.Close)
	s, err := s3.Open(t.Context(), b.URL, func(name string) (string, bool) {
		if name == "AWS_ENDPOINT_URL" {
			return front.URL, true
		}
		return b.Env(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*s3.Store)
}

// big is more than one part.
func big() io.Reader { return strings.NewReader(strings.Repeat("0123456789abcdef", 20<<20/16)) }

// incomplete counts the uploads in parts that are neither complete nor aborted.
func incomplete(t *testing.T, b s3test.Bucket) int {
	t.Helper()
	n := 0
	for u := range b.Client.ListIncompleteUploads(t.Context(), b.Name, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		n++
	}
	return n
}

func TestAnUploadThatFailsInTheMiddleIsAborted(t *testing.T) {
	b := server.Bucket(t)
	s := between(t, b, func(w http.ResponseWriter, r *http.Request, pass func(http.ResponseWriter)) {
		if r.URL.Query().Get("partNumber") == "2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		pass(w)
	})
	_, err := s.Create(t.Context(), "a", big(), storage.CreateOptions{})
	if err == nil || !strings.Contains(err.Error(), "part 2 of 2") || !strings.Contains(err.Error(), b.URL+"/a") {
		t.Errorf("Create = %v, want an error about part 2 and the object", err)
	}
	if n := incomplete(t, b); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
	if _, _, err := s.Open(t.Context(), "a"); !errors.Is(err, storage.ErrNotExist) {
		t.Errorf("Open = %v, want ErrNotExist", err)
	}
}

// The answer to a request that succeeded is lost, the driver repeats it, and
// the server says that the name is taken or the upload is none.
func TestAnAnswerThatIsLostIsNoFailure(t *testing.T) {
	for name, tt := range map[string]struct {
		content func() io.Reader
		lost    func(*http.Request) bool
	}{
		"in one request": {
			func() io.Reader { return strings.NewReader("small") },
			func(r *http.Request) bool { return r.Method == http.MethodPut },
		},
		"in parts": {
			big,
			func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var lost atomic.Int32
			b := server.Bucket(t)
			s := between(t, b, func(w http.ResponseWriter, r *http.Request, pass func(http.ResponseWriter)) {
				if tt.lost(r) && lost.Add(1) == 1 {
					pass(httptest.NewRecorder())
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				pass(w)
			})
			info, err := s.Create(t.Context(), "lock", tt.content(), storage.CreateOptions{IfAbsent: true})
			if err != nil {
				t.Fatalf("Create = %v, want success", err)
			}
			if lost.Load() < 2 {
				t.Error("the request was not repeated")
			}
			if found, err := storage.Digest(t.Context(), s, "lock"); err != nil || found.Digest != info.Digest {
				t.Errorf("read back %+v, %v", found, err)
			}
			if _, err := s.Create(t.Context(), "lock", tt.content(), storage.CreateOptions{IfAbsent: true}); !errors.Is(err, storage.ErrExists) {
				t.Errorf("a second Create = %v, want ErrExists", err)
			}
		})
	}
}

// A condition has to hold also for what is put together from parts.
func TestALargeDraftDoesNotReplaceWhatCameMeanwhile(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	d, err := s.Draft(t.Context(), "a", true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := io.Copy(d, big()); err != nil {
		t.Fatal(err)
	}
	put(t, b, "a", "first")
	if _, err := d.Publish(t.Context()); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Publish = %v, want ErrExists", err)
	}
	if info, err := storage.Digest(t.Context(), s, "a"); err != nil || info.Size != 5 {
		t.Errorf("the object is %+v, %v, want the first one", info, err)
	}
	if n := incomplete(t, b); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestWhatTheNetworkCutsOrAltersIsNotReadAsAFile(t *testing.T) {
	b := server.Bucket(t)
	content := strings.Repeat("x", 100_000)
	if _, err := open(t, b, b.URL).Create(t.Context(), "a", strings.NewReader(content), storage.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	alter := func(change func(body []byte) []byte) *s3.Store {
		return between(t, b, func(w http.ResponseWriter, r *http.Request, pass func(http.ResponseWriter)) {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/a") {
				pass(w)
				return
			}
			answer := httptest.NewRecorder()
			pass(answer)
			for k, v := range answer.Header() {
				if k != "Content-Length" {
					w.Header()[k] = v
				}
			}
			w.Header().Set("Content-Length", answer.Header().Get("Content-Length"))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(change(answer.Body.Bytes())) // what it says is what is tested
		})
	}
	cut := alter(func(body []byte) []byte { return body[:len(body)-1] })
	if _, err := storage.Digest(t.Context(), cut, "a"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reading what was cut = %v, want ErrUnexpectedEOF", err)
	}
	flipped := alter(func(body []byte) []byte { body[70_000] ^= 1; return body })
	if _, err := storage.Digest(t.Context(), flipped, "a"); !errors.Is(err, storage.ErrDigest) {
		t.Errorf("reading what was altered = %v, want ErrDigest", err)
	}
}

// put stores an object as another program would.
func put(t *testing.T, b s3test.Bucket, key, content string) {
	t.Helper()
	_, err := b.Client.PutObject(t.Context(), b.Name, key, strings.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatIgnoresRangesIsNotBelieved(t *testing.T) {
	b := server.Bucket(t)
	put(t, b, "a", "0123456789")
	var whole atomic.Pointer[httptest.ResponseRecorder]
	s := between(t, b, func(w http.ResponseWriter, r *http.Request, pass func(http.ResponseWriter)) {
		if r.Header.Get("Range") == "" {
			answer := httptest.NewRecorder()
			pass(answer)
			whole.Store(answer)
		}
		// A range is answered like the request before it.
		answer := whole.Load()
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // what it says is what is tested
	})
	r, _, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	buf := make([]byte, 3)
	if n, err := r.(io.ReaderAt).ReadAt(buf, 4); err == nil {
		t.Errorf("ReadAt = %q, want an error", buf[:n])
	}
}
