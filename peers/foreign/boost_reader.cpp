// boost_reader NAME: what reader.c does, with Boost.Interprocess. Also prints, at "size", how
// many bytes Boost takes the region to have.

#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/windows_shared_memory.hpp>

#include <iostream>
#include <string>

#include "telemetry.h"

namespace ipc = boost::interprocess;

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::cerr << "usage: boost_reader NAME\n";
        return 2;
    }
    try {
        ipc::windows_shared_memory memory(ipc::open_only, argv[1], ipc::read_only);
        ipc::mapped_region region(memory, ipc::read_only);
        const telemetry *shared = static_cast<const telemetry *>(region.get_address());
        say("ready");

        std::string line;
        while (std::getline(std::cin, line) && line != "quit") {
            if (line == "get")
                telemetry_print(shared);
            else if (line == "offsets")
                telemetry_print_offsets();
            else if (line == "size")
                std::cout << region.get_size() << std::endl;
        }
    } catch (const ipc::interprocess_exception &error) {
        std::cout << "failed " << error.get_native_error() << ": " << error.what() << std::endl;
        return 1;
    }
}
