// Package program is the frame of the client programs: one binary holds several, the command line names one, and what it
// saw is printed as one JSON document. It needs the standard library only, so that each module of clients goes on
// pinning the libraries that it is about.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME
package program

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// Result is what a program saw: facts, no times and no names that the server made.
type Result map[string]any

// Flags are those that every program has.
type Flags struct {
	Kubeconfig string
	Namespace  string
}

// Suite is the programs of one binary; Setting is what each of them works with.
type Suite[Setting any] struct {
	Programs map[string]func(context.Context, Setting) (Result, error)
	// SettingOf connects to the cluster that the flags name.
	SettingOf func(Flags) (Setting, error)
	// More adds flags of the suite's own; nil: none.
	More func(*flag.FlagSet)
	// Patience ends a program that hangs; zero: none does, since they end with their input.
	Patience time.Duration
}

// Main runs the program that the command line names, and exits with 1 and a line on stderr when it fails.
func (s Suite[Setting]) Main() {
	if err := s.run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (s Suite[Setting]) run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which program?")
	}
	name := args[0]
	program, ok := s.Programs[name]
	if !ok {
		return fmt.Errorf("no program %q", name)
	}
	var given Flags
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&given.Kubeconfig, "kubeconfig", "", "of the user who the program is")
	flags.StringVar(&given.Namespace, "namespace", "default", "where the program works")
	if s.More != nil {
		s.More(flags)
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	setting, err := s.SettingOf(given)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if s.Patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Patience)
		defer cancel()
	}
	seen, err := program(ctx, setting)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}
