# Flags of every target of ours, and the two functions by which modules are declared.

include(CheckPIESupported)
check_pie_supported()

add_library(chargewarden_flags INTERFACE)
target_include_directories(chargewarden_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
# Nobody replaces our functions at load time, so they may be inlined.
target_compile_options(chargewarden_flags INTERFACE -fno-semantic-interposition)
target_compile_options(chargewarden_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wuseless-cast>)
if(CHARGEWARDEN_WERROR)
  target_compile_options(chargewarden_flags INTERFACE -Werror)
endif()
if(CHARGEWARDEN_SANITIZE)
  target_compile_options(chargewarden_flags INTERFACE
    -fsanitize=${CHARGEWARDEN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(chargewarden_flags INTERFACE -fsanitize=${CHARGEWARDEN_SANITIZE})
else()
  # This program reads hostile bytes: the library's bounds checks stay on.
  target_compile_options(chargewarden_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -D_GLIBCXX_ASSERTIONS $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
  target_link_options(chargewarden_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(CHARGEWARDEN_FUZZ)
  target_compile_options(chargewarden_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# chargewarden_module(NAME collector_base SOURCES a.cc b.cc LINK other_target...)
#
# One folder, one static library. LINK names what its headers or sources use. THREAD_TESTS are tests
# of code that starts threads: all that is run under TSan, where others could show nothing.
function(chargewarden_module)
  cmake_parse_arguments(arg "" "NAME" "HOT;SOURCES;LINK;TESTS;THREAD_TESTS;FUZZ" ${ARGN})
  if(arg_SOURCES)
    add_library(${arg_NAME} STATIC ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PUBLIC chargewarden_flags ${arg_LINK})
    set_source_files_properties(${arg_HOT} PROPERTIES
      COMPILE_OPTIONS $<$<CONFIG:RelWithDebInfo,Release>:-O3>)
  else()
    add_library(${arg_NAME} INTERFACE)
    target_link_libraries(${arg_NAME} INTERFACE chargewarden_flags ${arg_LINK})
  endif()
  # Unit tests stand beside the sources; all of them end in one program (tests/CMakeLists.txt).
  set(tests ${arg_TESTS})
  if(CHARGEWARDEN_SANITIZE MATCHES "thread")
    set(tests "")
  endif()
  foreach(test IN LISTS tests arg_THREAD_TESTS)
    set_property(GLOBAL APPEND PROPERTY CHARGEWARDEN_UNIT_TESTS ${CMAKE_CURRENT_SOURCE_DIR}/${test})
  endforeach()
  foreach(fuzz IN LISTS arg_FUZZ)
    set_property(GLOBAL APPEND PROPERTY CHARGEWARDEN_FUZZ_TARGETS
                 "${CMAKE_CURRENT_SOURCE_DIR}/${fuzz}|${arg_NAME}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY CHARGEWARDEN_MODULES ${arg_NAME})
endfunction()
