// Starts Apache Mesos 1.11.0 from the library inside the Python package mesos.scheduler. Made by Startline.
//
//   mesos-master --flag=value…        mesos-agent --flag=value…        mesos-containerizer launch
//
// What it is depends on the name that it is called by. It does what the main functions of Mesos's own programs do, in
// the same order; but their headers are not at hand, so it calls the library's exported C++ functions by their symbols
// and keeps each object in a piece of zeroed memory that is large enough. The few offsets below are those of this very
// library (x86-64, GCC's C++11 ABI): install-mesos.sh checks its SHA-256 before this file is compiled.
//
// Left out: masters without ZooKeeper, modules, authentication, authorization, TLS, the fetcher, containers' images.

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using std::string;

// An object of the library, whose shape is not known here.
typedef void Object;

// ---- The offsets, all in bytes -------------------------------------------------------------------------------------

static const ptrdiff_t MASTER_FLAGS_BASE = 0xc20;       // flags::FlagsBase within master::Flags
static const ptrdiff_t AGENT_FLAGS_BASE = 0x1398;       // … within slave::Flags
static const ptrdiff_t LAUNCH_NAME = 0x8;               // Subcommand::name within MesosContainerizerLaunch
static const ptrdiff_t LAUNCH_FLAGS = 0xe0;             // MesosContainerizerLaunch::flags
static const ptrdiff_t LAUNCH_FLAGS_BASE = 0x168;       // flags::FlagsBase within them
static const ptrdiff_t VTABLE_START = 16;               // a vtable's first function, after its offset and its type
static const ptrdiff_t LOAD_ERROR = 8 + 24 + 8;         // the message in Try<Warnings>: state, vector, state, string

static const size_t SMALL = 1 << 16, LARGE = 1 << 17, HUGE_ = 1 << 20;

static Object* blank(size_t bytes = SMALL) { return calloc(1, bytes); }
static Object* at(Object* object, ptrdiff_t offset) { return static_cast<char*>(object) + offset; }

// ---- stout's Option and Try, as they lie in memory -----------------------------------------------------------------

enum { SOME = 0, NONE = 1 };

struct OptionalString {
  int state = NONE;
  alignas(8) char value[sizeof(string)];
  OptionalString() {}
  explicit OptionalString(const string& text) : state(SOME) { new (value) string(text); }
};

struct OptionalDuration {
  int state = SOME;
  int64_t nanoseconds;
  explicit OptionalDuration(int64_t ns) : nanoseconds(ns) {}
};

// None of any type that is passed by reference.
struct Nothing {
  int state = NONE;
  char room[4096] = {};
};

// What a factory gives back: Try<Object*>. The library fills it in.
struct Made {
  int state = SOME;
  Object* object = nullptr;
  int error_state = 0;
  alignas(8) char error[sizeof(string)] = {};
  char room[4096] = {};

  Object* get(const char* what) const {
    if (state == SOME) return object;
    fprintf(stderr, "%s: %s\n", what, reinterpret_cast<const string*>(error)->c_str());
    exit(1);
  }
};

// ---- The library's functions, by their symbols ---------------------------------------------------------------------

#define STRING "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
#define SYMBOL(result, declaration, symbol) result declaration asm(symbol)

extern "C" {
// What both have: flags, logging, libprocess.
SYMBOL(void, flags_load(Object* result, Object* base, const OptionalString* prefix, int argc, const char* const* argv,
                        bool unknowns, bool duplicates),
       "_ZN5flags9FlagsBase4loadERK6OptionI" STRING "EiPKPKcbb");
SYMBOL(void, logging_initialize(const string* argv0, bool signal_handler, const Nothing* flags),
       "_ZN5mesos8internal7logging10initializeERK" STRING "bRK6OptionINS1_5FlagsEE");
SYMBOL(bool, process_initialize(const OptionalString* delegate, const OptionalString* readwrite_realm,
                                const OptionalString* readonly_realm),
       "_ZN7process10initializeERK6OptionI" STRING "ES9_S9_");
SYMBOL(void, process_spawn(Object* result, Object* process, bool manage), "_ZN7process5spawnEPNS_11ProcessBaseEb");
SYMBOL(void, process_id(Object* result, const string* prefix), "_ZN7process2ID8generateERK" STRING);
SYMBOL(void, version_process(Object*), "_ZN5mesos8internal14VersionProcessC1Ev");
SYMBOL(void, files(Object*, const OptionalString* realm, const Nothing* authorizer),
       "_ZN5mesos8internal5FilesC1ERK6OptionI" STRING "ERKS2_IPNS_10AuthorizerEE");
SYMBOL(void, detector_create(Made*, const OptionalString* where, const OptionalString* module,
                             const OptionalDuration* timeout),
       "_ZN5mesos6master8detector14MasterDetector6createERK6OptionI" STRING "ESC_RKS3_I8DurationE");

// The master.
SYMBOL(void, master_flags(Object*), "_ZN5mesos8internal6master5FlagsC1Ev");
SYMBOL(void, allocator(Object*),
       "_ZN5mesos8internal6master9allocator14MesosAllocatorINS2_28HierarchicalAllocatorProcessINS2_9DRFSorterES5_EEEC1Ev");
SYMBOL(void, replicated_log(Object*, int quorum, const string* path, const string* servers, const int64_t* timeout,
                            const string* znode, const Nothing* authentication, bool initialize,
                            const OptionalString* metrics),
       "_ZN5mesos3log3LogC1EiRK" STRING "S9_RK8DurationS9_RK6OptionIN9zookeeper14AuthenticationEEbRKSD_IS7_E");
SYMBOL(void, log_storage(Object*, Object* log, size_t diffs), "_ZN5mesos5state10LogStorageC1EPNS_3log3LogEm");
extern char state_vtable[] asm("_ZTVN5mesos5state8protobuf5StateE");
SYMBOL(void, registrar(Object*, const Object* flags, Object* state, const OptionalString* realm),
       "_ZN5mesos8internal6master9RegistrarC1ERKNS1_5FlagsEPNS_5state5StateERK6OptionI" STRING "E");
SYMBOL(void, contender_create(Made*, const OptionalString* where, const OptionalString* module,
                              const OptionalDuration* timeout),
       "_ZN5mesos6master9contender15MasterContender6createERK6OptionI" STRING "ESC_RKS3_I8DurationE");
SYMBOL(void, master(Object*, Object* allocator, Object* registrar, Object* files, Object* contender, Object* detector,
                    const Nothing* authorizer, const Nothing* limiter, const Object* flags),
       "_ZN5mesos8internal6master6MasterC1EPNS_9allocator9AllocatorEPNS1_9RegistrarEPNS0_5FilesEPNS_6master9contender"
       "15MasterContenderEPNSA_8detector14MasterDetectorERK6OptionIPNS_10AuthorizerEERKSH_ISt10shared_ptrIN7process"
       "11RateLimiterEEERKNS1_5FlagsE");

// The agent.
SYMBOL(void, agent_flags(Object*), "_ZN5mesos8internal5slave5FlagsC1Ev");
SYMBOL(void, fetcher(Object*, const Object* flags), "_ZN5mesos8internal5slave7FetcherC1ERKNS1_5FlagsE");
SYMBOL(void, garbage_collector(Object*, const string* work_dir), "_ZN5mesos8internal5slave16GarbageCollectorC1ERK" STRING);
SYMBOL(void, secrets_create(Made*, const OptionalString* module), "_ZN5mesos14SecretResolver6createERK6OptionI" STRING "E");
SYMBOL(void, containerizer_create(Made*, const Object* flags, bool local, Object* fetcher, Object* gc, Object* secrets,
                                  Object* gids, Object* futures, Object* csi),
       "_ZN5mesos8internal5slave13Containerizer6createERKNS1_5FlagsEbPNS1_7FetcherEPNS1_16GarbageCollectorEPNS_"
       "14SecretResolverEPNS1_16VolumeGidManagerEPNS0_20PendingFutureTrackerEPNS1_9CSIServerE");
SYMBOL(void, status_updates(Object*, const Object* flags),
       "_ZN5mesos8internal5slave23TaskStatusUpdateManagerC1ERKNS1_5FlagsE");
SYMBOL(void, estimator_create(Made*, const OptionalString* module),
       "_ZN5mesos5slave17ResourceEstimator6createERK6OptionI" STRING "E");
SYMBOL(void, qos_create(Made*, const OptionalString* module), "_ZN5mesos5slave13QoSController6createERK6OptionI" STRING "E");
SYMBOL(void, agent(Object*, const string* id, const Object* flags, Object* detector, Object* containerizer, Object* files,
                   Object* gc, Object* updates, Object* estimator, Object* qos, Object* secret_generator, Object* gids,
                   Object* futures, Object* csi, const Nothing* executor_socket, const Nothing* authorizer),
       "_ZN5mesos8internal5slave5SlaveC1ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKNS1_5FlagsEPNS_6master"
       "8detector14MasterDetectorEPNS1_13ContainerizerEPNS0_5FilesEPNS1_16GarbageCollectorEPNS1_23TaskStatusUpdateManager"
       "EPNS_5slave17ResourceEstimatorEPNSQ_13QoSControllerEPNS_15SecretGeneratorEPNS1_16VolumeGidManagerEPNS0_"
       "20PendingFutureTrackerEON7process5OwnedINS1_9CSIServerEEERK6OptionINS11_7network8internal6SocketINS17_4unix"
       "7AddressEEEERKS16_IPNS_10AuthorizerEE");

// The containerizer's only command.
extern char launch_vtable[] asm("_ZTVN5mesos8internal5slave24MesosContainerizerLaunchE");
SYMBOL(void, launch_flags(Object*), "_ZN5mesos8internal5slave24MesosContainerizerLaunch5FlagsC1Ev");
SYMBOL(int, launch_execute(Object*), "_ZN5mesos8internal5slave24MesosContainerizerLaunch7executeEv");
}

// ---- What both programs do -----------------------------------------------------------------------------------------

static int argument_count;
static char** arguments;

// A flag's value: --name=value, or MESOS_NAME in the environment.
static const char* flag(const char* name, const char* otherwise) {
  const string wanted = string("--") + name + "=";
  for (int i = 1; i < argument_count; i++)
    if (!strncmp(arguments[i], wanted.c_str(), wanted.size())) return arguments[i] + wanted.size();
  string variable = "MESOS_";
  for (const char* c = name; *c; c++) variable += toupper(*c);
  const char* value = getenv(variable.c_str());
  return value ? value : otherwise;
}

static const char* required(const char* name) {
  const char* value = flag(name, nullptr);
  if (value) return value;
  fprintf(stderr, "--%s is missing\n", name);
  exit(1);
}

// Reads the command line into a flags object, as the library understands it; ends the program if it does not.
static void load(Object* base, const char* prefix, int argc, char** argv) {
  char result[8192] = {};
  OptionalString environment{string(prefix)};
  flags_load(result, base, &environment, argc, argv, false, false);
  if (*reinterpret_cast<int*>(result) == SOME) return;
  fprintf(stderr, "flags: %s\n", reinterpret_cast<string*>(result + LOAD_ERROR)->c_str());
  exit(1);
}

static OptionalDuration session_timeout() {
  const char* text = flag("zk_session_timeout", "10secs");
  double seconds = atof(text);
  if (strstr(text, "ms")) seconds /= 1000;
  return OptionalDuration(static_cast<int64_t>(seconds * 1e9));
}

static void make_folders(const string& path) {
  for (size_t end = 1; end <= path.size(); end++)
    if (end == path.size() || path[end] == '/') mkdir(path.substr(0, end).c_str(), 0755);
}

// A process's ProcessBase is a virtual base: how far it is from the object stands three words before its vtable's start.
static void spawn(Object* process) {
  const ptrdiff_t base = (*static_cast<ptrdiff_t**>(process))[-3];
  process_spawn(blank(), at(process, base), false);
}

static void start_libprocess(const string& delegate, const char* port, const OptionalString& readwrite,
                             const OptionalString& readonly) {
  setenv("LIBPROCESS_PORT", port, 1);
  if (const char* ip = flag("ip", nullptr)) setenv("LIBPROCESS_IP", ip, 1);
  if (const char* ip = flag("advertise_ip", nullptr)) setenv("LIBPROCESS_ADVERTISE_IP", ip, 1);
  OptionalString name{delegate};
  process_initialize(&name, &readwrite, &readonly);
  Object* version = blank();
  version_process(version);
  spawn(version);
}

static void start_logging(const char* name) {
  const string argv0 = name;
  const Nothing flags;
  logging_initialize(&argv0, true, &flags);
}

[[noreturn]] static void run_forever() {
  for (;;) pause();
}

// ---- mesos-master --------------------------------------------------------------------------------------------------

// The replicated log in which the masters keep the list of agents; its replicas find each other in ZooKeeper.
static Object* master_storage(const string& zk) {
  const string work_dir = required("work_dir"), path = work_dir + "/replicated_log";
  make_folders(work_dir);
  const size_t scheme = strlen("zk://"), slash = zk.find('/', scheme);
  if (zk.compare(0, scheme, "zk://") || slash == string::npos) {
    fprintf(stderr, "--zk must be zk://HOST:PORT,…/PATH\n");
    exit(1);
  }
  const string servers = zk.substr(scheme, slash - scheme), znode = zk.substr(slash) + "/log_replicas";
  const OptionalDuration timeout = session_timeout();
  const Nothing authentication;
  const OptionalString metrics{string("registrar/")};
  Object* log = blank();
  replicated_log(log, atoi(required("quorum")), &path, &servers, &timeout.nanoseconds, &znode, &authentication, true, &metrics);
  Object* storage = blank();
  log_storage(storage, log, 0);
  return storage;
}

static void run_master(int argc, char** argv) {
  Object* flags = blank(HUGE_);
  master_flags(flags);
  load(at(flags, MASTER_FLAGS_BASE), "MESOS_", argc, argv);
  const OptionalString readwrite{string("mesos-master-readwrite")}, readonly{string("mesos-master-readonly")};
  start_logging("mesos-master");
  start_libprocess("master", flag("port", "5050"), readwrite, readonly);

  const OptionalString zk{string(required("zk"))}, module;
  const OptionalDuration timeout = session_timeout();
  const Nothing nothing;

  Object* allocation = blank();
  allocator(allocation);
  Object** state = static_cast<Object**>(blank());
  state[0] = state_vtable + VTABLE_START;
  state[1] = master_storage(required("zk"));
  Object* registry = blank();
  registrar(registry, flags, state, &readonly);
  Made contender, detector;
  contender_create(&contender, &zk, &module, &timeout);
  detector_create(&detector, &zk, &module, &timeout);
  Object* shown = blank();
  files(shown, &readonly, &nothing);

  Object* process = blank(LARGE);
  master(process, allocation, registry, shown, contender.get("contender"), detector.get("detector"), &nothing, &nothing, flags);
  spawn(process);
  run_forever();
}

// ---- mesos-agent ---------------------------------------------------------------------------------------------------

static void run_agent(int argc, char** argv) {
  Object* flags = blank(HUGE_);
  agent_flags(flags);
  load(at(flags, AGENT_FLAGS_BASE), "MESOS_", argc, argv);
  const OptionalString readwrite{string("mesos-agent-readwrite")}, readonly{string("mesos-agent-readonly")};
  start_logging("mesos-agent");
  const string prefix = "slave";
  alignas(8) char generated[sizeof(string)] = {};
  process_id(generated, &prefix);
  const string id = *reinterpret_cast<string*>(generated);
  start_libprocess(id, flag("port", "5051"), readwrite, readonly);

  const string work_dir = required("work_dir");
  make_folders(work_dir);
  make_folders(flag("runtime_dir", "/var/run/mesos"));
  const OptionalString where{string(required("master"))}, module;
  const OptionalDuration timeout = session_timeout();
  const Nothing nothing;

  Object* fetching = blank();
  fetcher(fetching, flags);
  Object* collector = blank();
  garbage_collector(collector, &work_dir);
  Made secrets, containerizer, detector, estimator, qos;
  secrets_create(&secrets, &module);
  containerizer_create(&containerizer, flags, false, fetching, collector, secrets.get("secrets"), nullptr, nullptr, nullptr);
  detector_create(&detector, &where, &module, &timeout);
  Object* shown = blank();
  files(shown, &readonly, &nothing);
  Object* updates = blank();
  status_updates(updates, flags);
  estimator_create(&estimator, &module);
  qos_create(&qos, &module);

  Object* process = blank(LARGE);
  agent(process, &id, flags, detector.get("detector"), containerizer.get("containerizer"), shown, collector, updates,
        estimator.get("estimator"), qos.get("qos"), nullptr, nullptr, nullptr, blank(), &nothing, &nothing);
  spawn(process);
  run_forever();
}

// ---- mesos-containerizer -------------------------------------------------------------------------------------------

static int run_containerizer(int argc, char** argv) {
  if (argc < 2 || strcmp(argv[1], "launch")) {
    fprintf(stderr, "usage: mesos-containerizer launch --flag=value…\n");
    return 2;
  }
  Object* launch = blank();
  *static_cast<Object**>(launch) = launch_vtable + VTABLE_START;
  new (at(launch, LAUNCH_NAME)) string("launch");
  launch_flags(at(launch, LAUNCH_FLAGS));
  load(at(launch, LAUNCH_FLAGS_BASE), "MESOS_CONTAINERIZER_", argc - 1, argv + 1);
  return launch_execute(launch);
}

int main(int argc, char** argv) {
  argument_count = argc;
  arguments = argv;
  const string path = argv[0], name = path.substr(path.rfind('/') + 1);
  if (name == "mesos-master") run_master(argc, argv);
  if (name == "mesos-agent") run_agent(argc, argv);
  if (name == "mesos-containerizer") return run_containerizer(argc, argv);
  fprintf(stderr, "call this program as mesos-master, mesos-agent or mesos-containerizer\n");
  return 2;
}
