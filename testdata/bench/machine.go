package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed django
var site embed.FS

// machine is what the measurements run on: the server, and the peers'
// programs.
type machine struct {
	admin string // URL of the server's database postgres
	dir   string
	// postgres is the server's version, number the same as one number.
	postgres string
	number   int
	// binaries is the folder of the server's programs, if it is here. Those in
	// PATH may be scripts that look for them first, as Debian's are.
	binaries string
}

func (m *machine) look(ctx context.Context) error {
	rows, err := m.query(ctx, "SELECT current_setting('server_version'), current_setting('server_version_num'), (SELECT setting FROM pg_config WHERE name = 'BINDIR')")
	if err != nil {
		return err
	}
	m.postgres, _, _ = strings.Cut(rows[0], " ")
	m.binaries = rows[2]
	m.number, err = strconv.Atoi(rows[1])
	return err
}

// query gives the one row of an answer.
func (m *machine) query(ctx context.Context, sql string) ([]string, error) {
	c, err := pgconn.Connect(ctx, m.admin)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, v := range results[0].Rows[0] {
		out = append(out, string(v))
	}
	return out, nil
}

// execute runs statements on a connection of its own.
func execute(ctx context.Context, url, sql string) error {
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	return c.Exec(ctx, sql).Close()
}

// database is the URL of one of the server's.
func (m *machine) database(name string) string {
	u, err := url.Parse(m.admin)
	if err != nil {
		panic(err) // it was parsed before
	}
	u.Path = "/" + name
	return u.String()
}

// djangoWord as a command's program stands for Python and the site's manage.py.
const djangoWord = "manage.py"

// resolve finds the programs of commands. The error says which there is not.
func (m *machine) resolve(commands [][]string) ([][]string, error) {
	var out [][]string
	for _, c := range commands {
		words, err := m.program(c[0])
		if err != nil {
			return nil, err
		}
		out = append(out, append(words, c[1:]...))
	}
	return out, nil
}

func (m *machine) program(name string) ([]string, error) {
	if name == djangoWord {
		return m.django()
	}
	if path, err := exec.LookPath(filepath.Join(m.binaries, name)); err == nil && m.binaries != "" {
		return []string{path}, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, errors.New("no " + name)
	}
	return []string{path}, nil
}

// django puts the site beside the data and finds a Python that can run it.
func (m *machine) django() ([]string, error) {
	python := pythonWithDjango()
	if python == "" {
		return nil, errors.New("no Django")
	}
	dir := filepath.Join(m.dir, "django")
	files, err := fs.Sub(site, "django")
	if err == nil {
		err = errors.Join(os.RemoveAll(dir), os.CopyFS(dir, files))
	}
	if err != nil {
		return nil, err
	}
	return []string{python, filepath.Join(dir, djangoWord)}, nil
}

func pythonWithDjango() string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django, psycopg2").Run() == nil {
			return python
		}
	}
	return ""
}

// String is the kind of machine in general words.
func (m *machine) String() string {
	words := []string{fmt.Sprintf("%d cores", runtime.NumCPU())}
	if n := memory(); n > 0 {
		words = append(words, fmt.Sprintf("%d GB of memory", (n+1<<29)>>30))
	}
	words = append(words, runtime.GOOS+"/"+runtime.GOARCH, "PostgreSQL "+m.postgres, "Go "+strings.TrimPrefix(runtime.Version(), "go"))
	if python := pythonWithDjango(); python != "" {
		if out, err := exec.Command(python, "-c", "import django; print(django.__version__)").Output(); err == nil {
			words = append(words, "Django "+strings.TrimSpace(string(out)))
		}
	}
	if out, err := exec.Command("sqlite3", "--version").Output(); err == nil {
		version, _, _ := strings.Cut(string(out), " ")
		words = append(words, "SQLite "+version)
	}
	return strings.Join(words, ", ")
}
