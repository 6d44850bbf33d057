// Package upstream holds Kubernetes' own end-to-end tests, unmodified, as one test binary that runs against any API
// server named by --kubeconfig. Upstream's own main package waits for ready nodes and system pods before the first
// test; this one does not, because a fleet hub has neither.
package upstream

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/logs"
	"k8s.io/klog/v2"
	conformancedata "k8s.io/kubernetes/test/conformance/testdata"
	"k8s.io/kubernetes/test/e2e/common"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	"k8s.io/kubernetes/test/e2e/framework/testfiles"
	manifests "k8s.io/kubernetes/test/e2e/testing-manifests"
	fixtures "k8s.io/kubernetes/test/fixtures"
	netutils "k8s.io/utils/net"

	// Freezes the names of features before the tests use them.
	_ "k8s.io/kubernetes/test/e2e/feature"
	// Log flags, and client credentials that kubeconfigs may name.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	_ "k8s.io/component-base/logs/testinit"
	// Grabs metrics for the tests that ask for them, and prints objects readably when an assertion fails.
	_ "k8s.io/kubernetes/test/e2e/framework/metrics/init"
	_ "k8s.io/kubernetes/test/utils/format"

	_ "k8s.io/kubernetes/test/e2e/apimachinery"
	_ "k8s.io/kubernetes/test/e2e/apps"
	_ "k8s.io/kubernetes/test/e2e/architecture"
	_ "k8s.io/kubernetes/test/e2e/auth"
	_ "k8s.io/kubernetes/test/e2e/instrumentation"
	_ "k8s.io/kubernetes/test/e2e/kubectl"
	_ "k8s.io/kubernetes/test/e2e/network"
	_ "k8s.io/kubernetes/test/e2e/node"
	_ "k8s.io/kubernetes/test/e2e/scheduling"
	_ "k8s.io/kubernetes/test/e2e/storage"
)

var outcomes = flag.String("outcomes", "", "directory for a file a process, with a line of JSON for each test that ended")

func TestMain(m *testing.M) {
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "flags only, please; what is %q?\n", flag.Args())
		os.Exit(2)
	}
	testfiles.AddFileSource(manifests.GetE2ETestingManifestsFS())
	testfiles.AddFileSource(fixtures.GetTestFixturesFS())
	testfiles.AddFileSource(conformancedata.GetConformanceTestdataFS())
	framework.AfterReadingAllFlags(&framework.TestContext)
	os.Exit(m.Run())
}

func TestUpstream(t *testing.T) {
	logs.InitLogs()
	defer logs.FlushLogs()
	klog.EnableContextualLogging(true)
	gomega.RegisterFailHandler(framework.Fail)
	suite, reporter := framework.CreateGinkgoConfig()
	// Not earlier: reading the flags, the framework goes through a copy of all tests, and with it are lost those that
	// report on each.
	if *outcomes != "" {
		ginkgo.ReportAfterEach(writeOutcome)
	}
	ginkgo.RunSpecs(t, "Kubernetes e2e", suite, reporter)
}

// In every parallel process: what the tests read from the context and upstream's own main package would have set.
var _ = ginkgo.BeforeSuite(func(ctx context.Context) {
	common.CurrentSuite = common.E2E
	framework.TestContext.CloudConfig.NumNodes = 0
	client, err := framework.LoadClientset()
	framework.ExpectNoError(err, "load the client of --kubeconfig")
	framework.TestContext.IPFamily = "ipv4"
	service, err := client.CoreV1().Services(metav1.NamespaceDefault).Get(ctx, "kubernetes", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return
	}
	framework.ExpectNoError(err, "get the service default/kubernetes")
	if netutils.IsIPv6String(service.Spec.ClusterIP) {
		framework.TestContext.IPFamily = "ipv6"
	}
})

// outcome is what became of one test. Ginkgo's own reports are written at the very end, and are lost when one process
// does not come so far; some upstream tests end theirs when they fail.
type outcome struct {
	Name    string  `json:"name"`
	State   string  `json:"state"`
	Seconds float64 `json:"seconds"`
	Message string  `json:"message"`
}

func writeOutcome(report ginkgo.SpecReport) {
	unasked := report.State.Is(types.SpecStateSkipped) && report.Failure.Message == ""
	if unasked || report.State.Is(types.SpecStatePending) {
		return
	}
	line, err := json.Marshal(outcome{
		Name:    report.FullText(),
		State:   report.State.String(),
		Seconds: report.RunTime.Seconds(),
		Message: report.Failure.Message,
	})
	framework.ExpectNoError(err)
	path := filepath.Join(*outcomes, fmt.Sprintf("%d.jsonl", ginkgo.GinkgoParallelProcess()))
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	framework.ExpectNoError(err)
	defer file.Close()
	_, err = file.Write(append(line, '\n'))
	framework.ExpectNoError(err)
}
