# The local host runs binaries for this machine's processor.
HOST_ARCH := $(shell uname -m | sed 's/amd64/x86_64/; s/aarch64/arm64/')
PORT ?= 3000
DATA ?= .data

FUNCTIONS := artifacts/functions/$(HOST_ARCH)
SAM_TARGETS := $(patsubst src/%/Program.cs,build-%,$(wildcard src/*/Program.cs))
HOST := artifacts/bin/Local/release/Photos.Local.dll
# Includes folders, because deleting a file changes only its folder's time. Excludes node_modules, which npm changes.
HOST_SOURCES := $(shell find local src/Shared -name node_modules -prune -o -path local/Page -prune -o ! -path local/Engines ! -name .installing -print) \
	Directory.Build.props Directory.Packages.props src/Directory.Build.props global.json

OPS := artifacts/bin/Ops/release/Photos.Ops.dll

BENCH := artifacts/bin/Bench/release/Photos.Bench.dll
BENCH_SOURCES := $(shell find bench harness -name node_modules -prune -o -name results -prune -o ! -path bench ! -path bench/Variants/Node -print) \
	Directory.Build.props Directory.Packages.props global.json

.PHONY: help run test build-tests faults fuzz load break-it upgrade bench bench-instructions bench-render soak token audit replay render erase lint clean subject prerequisites functions bench-album $(SAM_TARGETS)

help: ## List all targets
	@awk -F ':.*## ' '/^[A-Za-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: prerequisites functions artifacts/local.stamp ## Run the whole back end on this machine: make run PORT=3000 DATA=.data
	@exec dotnet $(HOST) run --port $(PORT) --functions $(FUNCTIONS) --data "$(DATA)" $(ARGS)

.PHONY: deploy
deploy: ## Build and deploy a stage: make deploy STAGE=prod
	@./deploy.sh "$(STAGE)" $(ARGS)

token: subject artifacts/local.stamp ## Print an ID token for the local API: make token SUB=alice DATA=.data
	@dotnet $(HOST) token $(SUB) --data "$(DATA)"

audit: artifacts/ops.stamp ## Compare the table with the bucket: make audit STACK=photos-prod ARGS=--repair
	@exec dotnet $(OPS) audit $(if $(STACK),--stack $(STACK),--port $(PORT)) $(ARGS)

replay: artifacts/ops.stamp ## Replay discarded stream records: make replay STACK=photos-prod
	@exec dotnet $(OPS) replay $(if $(STACK),--stack $(STACK),--port $(PORT) --functions $(FUNCTIONS))

render: artifacts/ops.stamp ## Render the photos that have no thumbnail yet: make render STACK=photos-prod SUB=alice
	@exec dotnet $(OPS) render $(if $(STACK),--stack $(STACK),--port $(PORT) --functions $(FUNCTIONS)) $(if $(SUB),--user "$(SUB)")

erase: subject artifacts/ops.stamp ## Erase a user who was removed from the user pool: make erase STACK=photos-prod SUB=alice ARGS=--confirm
	@exec dotnet $(OPS) erase $(if $(STACK),--stack $(STACK),--port $(PORT)) --user "$(SUB)" $(ARGS)

test: build-tests ## Build everything and run all tests
	@tests/run.sh

faults: build-tests ## Run the long fault-injection tests, about 20 minutes: make faults SEED=7
	@LONG_RUN=faults tests/run.sh -namespace Photos.Tests.EndToEnd.Faults

fuzz: build-tests ## Run the long fuzz tests, 100,000 events to each function: make fuzz SEED=7
	@LONG_RUN=fuzz tests/run.sh -namespace Photos.Tests.EndToEnd.Fuzz

load: build-tests ## Run the long load test, 10 minutes: make load SECONDS=60 SEED=7
	@LONG_RUN=load tests/run.sh -namespace Photos.Tests.EndToEnd.Load

break-it: functions ## Forget each entry of a route in turn and check that a test names it, about 5 minutes: make break-it ARGS=CORS
	@tests/break-it.sh $(ARGS)

upgrade: build-tests ## Let earlier releases and this version serve the same albums: make upgrade ARGS="-method '*RollBack*'"
	@LONG_RUN=upgrade tests/upgrade.sh $(ARGS)

.PHONY: clients
clients: functions artifacts/local.stamp ## Generate clients from docs/openapi.yaml and let each upload a photo, about 1 minute
	@tests/generated-clients.sh $(FUNCTIONS)

bench: functions artifacts/bench.stamp ## Compare the cold starts of several builds: make bench ARGS="--runs 50 --function ListPhotos"
	@exec dotnet $(BENCH) compare $(ARGS)

bench-instructions: functions artifacts/bench.stamp ## Count the instructions, page faults and system calls of each cold start and check bench/budget.json
	@exec dotnet $(BENCH) instructions

bench-render: functions artifacts/bench.stamp ## Measure what rendering costs by format and size, and compare with sharp: make bench-render ARGS="--runs 20"
	@exec dotnet $(BENCH) render $(ARGS)

bench-album: build-tests ## Measure an album in Chromium at 10 Mbit/s, about 5 minutes: make bench-album BEFORE=../older-checkout
	@tests/run.sh -explicit only -class Photos.Tests.EndToEnd.Browser.AlbumMeasurement

soak: functions artifacts/bench.stamp ## Check one function for leaks with 100,000 invocations: make soak ARGS="--function WritePhoto"
	@exec dotnet $(BENCH) soak $(ARGS)

lint: ## Check formatting, analyzer rules, the template, and the packages for vulnerabilities
	@dotnet build Photos.slnx -c Release -v quiet -clp:NoSummary -nologo
	@# The build checks code style and analyzer rules. What it cannot check is the order of usings and the whitespace.
	@dotnet format Photos.slnx --verify-no-changes --no-restore --diagnostics IMPORTS
	@command -v cfn-lint >/dev/null || { echo 'make lint needs cfn-lint to check template.yaml. Install it with: pipx install cfn-lint' >&2; exit 1; }
	@cfn-lint template.yaml
	@tests/check-vulnerabilities.sh

clean: ## Delete everything that was built and all locally stored photos
	rm -rf artifacts .aws-sam .data local/Engines/.installing local/Engines/node_modules tests/EndToEnd/Browser/.installing tests/EndToEnd/Browser/node_modules bench/results bench/Variants/Node/node_modules

# sam build runs the target build-<logical id> of each function. SAM does not pass the template's Architecture to make, so the
# targets build for the one that samconfig.toml deploys, whatever else the shell exports. SAM_ARCH overrides it, for sam local.
# They fail if SAM was given another one.
# Lambda's user must be able to read the artifact, whatever the umask.
$(SAM_TARGETS):
	@test -n "$(ARTIFACTS_DIR)" || { echo '$@ runs under sam build, which sets ARTIFACTS_DIR. To build without SAM, use ./build.sh $(@:build-%=%)' >&2; exit 1; }
	@test "$$(uname -s)" != Darwin || { echo 'Lambda runs Linux binaries. On macOS, use sam build --use-container' >&2; exit 1; }
	@arch=$$(./deploy.sh --architecture "$(ARTIFACTS_DIR)/../../build.toml") && ./build.sh $(@:build-%=%) --arch "$$arch" && \
		install -m 755 "artifacts/functions/$$arch/$(@:build-%=%)/bootstrap" "$(ARTIFACTS_DIR)/bootstrap" && \
		find "artifacts/functions/$$arch/$(@:build-%=%)" -type f ! -name bootstrap -exec install -m 644 -t "$(ARTIFACTS_DIR)" {} +

subject:
	@test -n "$(SUB)" || { echo 'SUB is missing. Set it to the user: make $(firstword $(MAKECMDGOALS)) SUB=alice' >&2; exit 1; }

prerequisites:
	@local/check-prerequisites.sh dotnet linker objdump node npm

functions: prerequisites
	@./build.sh

build-tests: prerequisites functions
	@dotnet build Photos.slnx -c Release -v quiet -clp:NoSummary -nologo

# The stamp gets the time when the build started, so a file saved during the build counts as newer.
artifacts/local.stamp: $(HOST_SOURCES)
	@mkdir -p artifacts && touch artifacts/local.start
	@echo 'Building the local host; without a cache, this takes about a minute' >&2
	@dotnet build local/Local.csproj -c Release -nologo >artifacts/local.log 2>&1 || { cat artifacts/local.log >&2; exit 1; }
	@mv artifacts/local.start $@

artifacts/ops.stamp: $(HOST_SOURCES) $(wildcard ops ops/*)
	@mkdir -p artifacts && touch artifacts/ops.start
	@echo "Building the operators' commands" >&2
	@dotnet build ops/Ops.csproj -c Release -nologo >artifacts/ops.log 2>&1 || { cat artifacts/ops.log >&2; exit 1; }
	@mv artifacts/ops.start $@

artifacts/bench.stamp: $(BENCH_SOURCES)
	@mkdir -p artifacts && touch artifacts/bench.start
	@echo 'Building the benchmark' >&2
	@dotnet build bench/Bench.csproj -c Release -nologo >artifacts/bench.log 2>&1 || { cat artifacts/bench.log >&2; exit 1; }
	@mv artifacts/bench.start $@
