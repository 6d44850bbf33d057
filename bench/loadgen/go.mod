module quarterdeck.dev/bench/loadgen

go 1.25.0
