module quarterdeck.dev/e2e/clients/program

go 1.24.0
