# The processor of this machine runs the functions locally; Lambda's is the template's Architecture, which SAM does not
# pass on: with --parameter-overrides Architecture=x86_64 give ARCH=x86_64 too.
HOST_ARCH := $(shell uname -m | sed 's/amd64/x86_64/; s/aarch64/arm64/')
ARCH ?= arm64
PORT ?= 3000

FUNCTIONS := artifacts/functions/$(HOST_ARCH)
HOST := artifacts/bin/Local/release/Photos.Local.dll
# Folders count, since their time is all that a deleted file leaves; node_modules comes and goes in local/Engines.
HOST_SOURCES := $(shell find local src/Shared -name node_modules -prune -o -path local/Page -prune -o ! -path local/Engines ! -name .installing -print) \
	Directory.Build.props Directory.Packages.props src/Directory.Build.props global.json

BENCH := artifacts/bin/Bench/release/Photos.Bench.dll
BENCH_SOURCES := $(shell find bench -name node_modules -prune -o -name results -prune -o ! -path bench ! -path bench/Variants/Node -print) \
	Directory.Build.props Directory.Packages.props global.json

.PHONY: help run test build-tests faults fuzz load break-it bench bench-instructions soak token lint clean subject prerequisites functions build-ListPhotos build-WritePhoto build-DeletePhoto

help: ## List the targets
	@awk -F ':.*## ' '/^[A-Za-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: prerequisites functions artifacts/local.stamp ## Run the whole API on this machine: make run PORT=3000
	@exec dotnet $(HOST) run --port $(PORT) --functions $(FUNCTIONS) --data .data $(ARGS)

token: subject artifacts/local.stamp ## Print a user's ID token for the local API: make token SUB=alice
	@dotnet $(HOST) token $(SUB) --data .data

test: build-tests ## Build everything and run every test
	@tests/run.sh

faults: build-tests ## Let everything fail that can, about 5 minutes: make faults SEED=7
	@LONG_RUN=faults tests/run.sh -namespace Photos.Tests.EndToEnd.Faults

fuzz: build-tests ## Send what no client should, 100,000 times to each function: make fuzz SEED=7
	@LONG_RUN=fuzz tests/run.sh -namespace Photos.Tests.EndToEnd.Fuzz

load: build-tests ## Have many users at once and check every answer, 10 minutes: make load SECONDS=60 SEED=7
	@LONG_RUN=load tests/run.sh -namespace Photos.Tests.EndToEnd.Load

break-it: functions ## Break each list that must follow from the routes, and see a test name it, about 5 minutes
	@tests/break-it.sh $(ARGS)

bench: functions artifacts/bench.stamp ## Measure cold starts, variant beside variant: make bench ARGS="--runs 50 --function ListPhotos"
	@exec dotnet $(BENCH) compare $(ARGS)

bench-instructions: functions artifacts/bench.stamp ## Count the instructions of each cold start, and fail over bench/budget.json
	@exec dotnet $(BENCH) instructions

soak: functions artifacts/bench.stamp ## Invoke one function 100,000 times, and fail when it leaks: make soak ARGS="--function WritePhoto"
	@exec dotnet $(BENCH) soak $(ARGS)

lint: ## Check the formatting, the analyzers' rules, the template and the packages for known vulnerabilities
	@dotnet build Photos.slnx -c Release -v quiet -clp:NoSummary -nologo
	@dotnet format Photos.slnx --verify-no-changes --no-restore
	@command -v cfn-lint >/dev/null || { echo 'lint needs cfn-lint to check template.yaml: pipx install cfn-lint' >&2; exit 1; }
	@cfn-lint template.yaml
	@tests/check-vulnerabilities.sh

clean: ## Remove everything built and every locally stored photo
	rm -rf artifacts .aws-sam .data local/Engines/.installing local/Engines/node_modules tests/EndToEnd/Browser/.installing tests/EndToEnd/Browser/node_modules bench/results bench/Variants/Node/node_modules

build-ListPhotos: ## For sam build: ListPhotos for Lambda, ARCH=arm64
build-WritePhoto: ## For sam build: WritePhoto for Lambda, ARCH=arm64
build-DeletePhoto: ## For sam build: DeletePhoto for Lambda, ARCH=arm64

build-ListPhotos build-WritePhoto build-DeletePhoto:
	@test -n "$(ARTIFACTS_DIR)" || { echo '$@ is for sam build, which says where the result goes; use ./build.sh $(@:build-%=%)' >&2; exit 1; }
	@test "$$(uname -s)" != Darwin || { echo 'Lambda runs Linux binaries: on macOS use sam build --use-container' >&2; exit 1; }
	@./build.sh $(@:build-%=%) --arch $(ARCH)
	@cp -R artifacts/functions/$(ARCH)/$(@:build-%=%)/. "$(ARTIFACTS_DIR)"

subject:
	@test -n "$(SUB)" || { echo 'Say whose token: make token SUB=alice' >&2; exit 1; }

prerequisites:
	@local/check-prerequisites.sh dotnet linker objdump node npm

functions: prerequisites
	@./build.sh

build-tests: prerequisites functions
	@dotnet build Photos.slnx -c Release -v quiet -clp:NoSummary -nologo

# The time of the stamp is the build's start, so what was saved during the build counts as newer.
artifacts/local.stamp: $(HOST_SOURCES)
	@mkdir -p artifacts && touch artifacts/local.start
	@echo 'Local host: building' >&2
	@dotnet build local/Local.csproj -c Release -nologo >artifacts/local.log 2>&1 || { cat artifacts/local.log >&2; exit 1; }
	@mv artifacts/local.start $@

artifacts/bench.stamp: $(BENCH_SOURCES)
	@mkdir -p artifacts && touch artifacts/bench.start
	@echo 'Benchmark: building' >&2
	@dotnet build bench/Bench.csproj -c Release -nologo >artifacts/bench.log 2>&1 || { cat artifacts/bench.log >&2; exit 1; }
	@mv artifacts/bench.start $@
