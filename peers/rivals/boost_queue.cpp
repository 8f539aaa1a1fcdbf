// boost_queue: messages by Boost's message_queue between two processes that both spin: 64 bytes there and back, against
// two mailboxes by hand in the same run; and one after the other, against a ring of slots by hand. It is
// bench/benches/snapshot/messages.rs for a rival. Compiles for Linux and, with mingw, for Windows.

#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/interprocess/managed_shared_memory.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <x86intrin.h>
#ifdef _WIN32
#include <process.h> // _spawnl
#else
#include <unistd.h>
#endif

namespace ipc = boost::interprocess;

constexpr int ROUNDS = 60, CALLS = 2000, SETTLE = 200;

struct Message {
    std::uint64_t words[8];
};

// A value, and its number in a line of its own.
struct Mailbox {
    alignas(128) std::atomic<std::uint32_t> number;
    alignas(128) Message value;
};

constexpr std::size_t ROOM = 256 << 10, SIZES[] = {64, 4096, 65536};

// A ring of slots, all of one size at a time.
struct Ring {
    alignas(128) std::atomic<std::uint32_t> head;
    alignas(128) std::atomic<std::uint32_t> tail;
    alignas(128) unsigned char slots[ROOM];
};

struct Shared {
    Mailbox there, back;
    Ring rings[3];
    // What the other process does: 0 for mailboxes, 1 for queues, 2 to end; to receive what is streamed, 4 for the ring of
    // the first size and 5 for its queue, and so on.
    alignas(128) std::atomic<std::uint32_t> order;
    alignas(128) std::atomic<std::uint32_t> accepted;
};

static void write(Mailbox &box, std::uint32_t &number, const Message &value)
{
    std::memcpy(&box.value, &value, sizeof value);
    box.number.store(++number, std::memory_order_release);
}

static bool read(Mailbox &box, std::uint32_t &number, Message &value)
{
    if (box.number.load(std::memory_order_acquire) == number)
        return false;
    number++;
    std::memcpy(&value, &box.value, sizeof value);
    return true;
}

static bool receive(ipc::message_queue &queue, Message &value)
{
    ipc::message_queue::size_type size;
    unsigned priority;
    return queue.try_receive(&value, sizeof value, size, priority);
}

// What one side of a ring knows.
struct Side {
    std::uint32_t mine, theirs;
};

template <std::size_t SIZE> static bool send(Ring &ring, Side &side, const void *value)
{
    if (side.mine - side.theirs == ROOM / SIZE) {
        side.theirs = ring.head.load(std::memory_order_acquire);
        if (side.mine - side.theirs == ROOM / SIZE)
            return false;
    }
    std::memcpy(ring.slots + side.mine % (ROOM / SIZE) * SIZE, value, SIZE);
    ring.tail.store(++side.mine, std::memory_order_release);
    return true;
}

template <std::size_t SIZE> static bool receive(Ring &ring, Side &side, void *value)
{
    if (side.mine == side.theirs) {
        side.theirs = ring.tail.load(std::memory_order_acquire);
        if (side.mine == side.theirs)
            return false;
    }
    std::memcpy(value, ring.slots + side.mine % (ROOM / SIZE) * SIZE, SIZE);
    ring.head.store(++side.mine, std::memory_order_release);
    return true;
}

static std::string stream(const std::string &name, std::size_t size)
{
    return name + "-stream-" + std::to_string(size);
}

// Receives what is streamed, by a queue and by a ring.
template <std::size_t SIZE> struct Drain {
    ipc::message_queue queue;
    std::vector<unsigned char> value;
    Side side{};

    explicit Drain(const std::string &name) : queue(ipc::open_only, stream(name, SIZE).c_str()), value(SIZE) {}

    bool receive_one(Ring &ring, bool by_queue)
    {
        ipc::message_queue::size_type size;
        unsigned priority;
        return by_queue ? queue.try_receive(value.data(), SIZE, size, priority)
                        : receive<SIZE>(ring, side, value.data());
    }
};

static void answer(Shared &shared, const std::string &name, ipc::message_queue &from, ipc::message_queue &to)
{
    std::uint32_t read_from = 0, written = 0, order;
    Message value;
    Drain<SIZES[0]> first(name);
    Drain<SIZES[1]> second(name);
    Drain<SIZES[2]> third(name);
    while ((order = shared.order.load(std::memory_order_acquire)) != 2) {
        shared.accepted.store(order, std::memory_order_release);
        while (shared.order.load(std::memory_order_relaxed) == order) {
            if (order == 0 && read(shared.there, read_from, value))
                write(shared.back, written, value);
            else if (order == 1 && receive(from, value))
                to.send(&value, sizeof value, 0);
            else if (!(order / 2 == 2   ? first.receive_one(shared.rings[0], order % 2)
                       : order / 2 == 3 ? second.receive_one(shared.rings[1], order % 2)
                       : order / 2 == 4 ? third.receive_one(shared.rings[2], order % 2)
                                        : false))
                _mm_pause();
        }
    }
}

static void begin(Shared &shared, std::uint32_t order)
{
    shared.order.store(order, std::memory_order_release);
    while (shared.accepted.load(std::memory_order_acquire) != order)
        _mm_pause();
}

template <typename Call> static void measure(Shared &shared, std::uint32_t order, double into[2], Call call)
{
    begin(shared, order);
    std::vector<std::uint64_t> took;
    for (int index = -SETTLE; index < CALLS; index++) {
        std::uint64_t start = __rdtsc();
        call();
        if (index >= 0)
            took.push_back(__rdtsc() - start);
    }
    std::sort(took.begin(), took.end());
    into[0] = double(took[CALLS / 2]);
    into[1] = double(took[CALLS * 99 / 100]);
}

static double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// How many messages go by the queue while one goes by the ring.
template <int INDEX> static void measure_stream(Shared &shared, ipc::message_queue &queue)
{
    constexpr std::size_t size = SIZES[INDEX], rings = 8 * (ROOM / size), calls = rings > 400 ? rings : 400;
    const std::vector<unsigned char> value(size, 7);
    Side side = {};
    std::vector<double> ratios, each[2];
    for (int round = 0; round < ROUNDS; round++) {
        double took[2];
        for (std::uint32_t turn = 0; turn < 2; turn++) {
            const std::uint32_t by_queue = (turn + round) % 2;
            begin(shared, 4 + 2 * INDEX + by_queue);
            const std::uint64_t start = __rdtsc();
            for (std::size_t call = 0; call < calls; call++) {
                // Not `send`, which sleeps while there is no room.
                while (by_queue ? !queue.try_send(value.data(), size, 0) : !send<size>(shared.rings[INDEX], side, value.data()))
                    _mm_pause();
            }
            took[by_queue] = double(__rdtsc() - start);
            each[by_queue].push_back(took[by_queue] / double(calls));
        }
        ratios.push_back(took[0] / took[1]);
    }
    std::printf("Boost message_queue, one after the other, %zu B: %.2f times as many as by a ring by hand (%.0f to %.0f ticks)\n",
                size, median(ratios), median(each[1]), median(each[0]));
}

int main(int count, char **arguments)
{
    const bool is_peer = count > 1;
    // Not the process id, which comes again under Wine, where the files stay.
    const std::string name = is_peer ? arguments[1] : "rival-" + std::to_string(__rdtsc());
    const std::string there = name + "-there", back = name + "-back";
    if (is_peer) {
        ipc::managed_shared_memory memory(ipc::open_only, name.c_str());
        ipc::message_queue from(ipc::open_only, there.c_str()), to(ipc::open_only, back.c_str());
        answer(*memory.find<Shared>("shared").first, name, from, to);
        return 0;
    }
    ipc::managed_shared_memory memory(ipc::create_only, name.c_str(), sizeof(Shared) + 65536);
    Shared &shared = *memory.construct<Shared>("shared")();
    shared.order = 3;
    ipc::message_queue to(ipc::create_only, there.c_str(), 1024, sizeof(Message));
    ipc::message_queue from(ipc::create_only, back.c_str(), 1024, sizeof(Message));
    std::vector<std::unique_ptr<ipc::message_queue>> streams;
    for (std::size_t size : SIZES)
        streams.push_back(
            std::make_unique<ipc::message_queue>(ipc::create_only, stream(name, size).c_str(), ROOM / size, size));
#ifdef _WIN32
    if (_spawnl(_P_NOWAIT, arguments[0], arguments[0], name.c_str(), nullptr) == -1)
        return 1;
#else
    if (fork() == 0) {
        execl(arguments[0], arguments[0], name.c_str(), nullptr);
        _exit(1);
    }
#endif
    std::uint32_t written = 0, read_from = 0;
    Message value{}, got;
    std::vector<double> ratios[2], ours[2], floors[2];
    for (int round = 0; round < ROUNDS; round++) {
        double took[2][2];
        for (std::uint32_t turn = 0; turn < 2; turn++) {
            std::uint32_t order = (turn + round) % 2;
            measure(shared, order, took[order], [&] {
                value.words[0]++;
                if (order == 0) {
                    write(shared.there, written, value);
                    while (!read(shared.back, read_from, got))
                        _mm_pause();
                } else {
                    to.send(&value, sizeof value, 0);
                    while (!receive(from, got))
                        _mm_pause();
                }
                if (got.words[0] != value.words[0])
                    std::abort();
            });
        }
        for (int part = 0; part < 2; part++) {
            ratios[part].push_back(took[1][part] / took[0][part]);
            floors[part].push_back(took[0][part]);
            ours[part].push_back(took[1][part]);
        }
    }
    measure_stream<0>(shared, *streams[0]);
    measure_stream<1>(shared, *streams[1]);
    measure_stream<2>(shared, *streams[2]);
    shared.order.store(2, std::memory_order_release);
    for (int part = 0; part < 2; part++)
        std::printf("Boost message_queue, there and back, 64 B, %s: %.2f times two mailboxes (%.0f to %.0f ticks)\n",
                    part ? "99th percentile" : "median", median(ratios[part]), median(ours[part]), median(floors[part]));
    ipc::message_queue::remove(there.c_str());
    ipc::message_queue::remove(back.c_str());
    for (std::size_t size : SIZES)
        ipc::message_queue::remove(stream(name, size).c_str());
    ipc::shared_memory_object::remove(name.c_str());
}
