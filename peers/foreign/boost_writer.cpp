// boost_writer NAME: what writer.c does, with Boost.Interprocess.

#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/windows_shared_memory.hpp>

#include <iostream>
#include <string>

#include "telemetry.h"

namespace ipc = boost::interprocess;

static ipc::windows_shared_memory create_or_open(const char *name, bool &created)
{
    try {
        ipc::windows_shared_memory memory(ipc::create_only, name, ipc::read_write, sizeof(telemetry));
        created = true;
        return memory;
    } catch (const ipc::interprocess_exception &error) {
        if (error.get_error_code() != ipc::already_exists_error)
            throw;
        created = false;
        return ipc::windows_shared_memory(ipc::open_only, name, ipc::read_write);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::cerr << "usage: boost_writer NAME\n";
        return 2;
    }
    try {
        bool created;
        ipc::windows_shared_memory memory = create_or_open(argv[1], created);
        ipc::mapped_region region(memory, ipc::read_write);
        telemetry *shared = static_cast<telemetry *>(region.get_address());
        if (created)
            telemetry_fill(shared, 1);
        say(created ? "ready created" : "ready opened");

        std::string line;
        while (std::getline(std::cin, line) && line != "quit") {
            if (line.compare(0, 4, "set ") == 0) {
                telemetry_fill(shared, static_cast<uint32_t>(std::stoul(line.substr(4))));
                say("done");
            }
        }
    } catch (const ipc::interprocess_exception &error) {
        std::cout << "failed " << error.get_native_error() << ": " << error.what() << std::endl;
        return 1;
    }
}
