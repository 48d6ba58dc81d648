# What the documents show is true: their commands run, and the generated reference is fresh.
# Included by tests/CMakeLists.txt.
set(docs_tests ${CMAKE_CURRENT_LIST_DIR})

add_test(NAME "the commands of the documents do what the documents say"
         COMMAND ${CHARGEWARDEN_PYTHON} -B ${docs_tests}/readme_test.py
                 $<TARGET_FILE:chargewarden> ${CMAKE_SOURCE_DIR} README.md rules/AUTHORING.md)
add_test(NAME "the test of the documents finds the faults that it is for"
         COMMAND ${CHARGEWARDEN_PYTHON} -B ${docs_tests}/readme_test.py --self-test)
add_test(NAME "the reference of events and fields is fresh"
         COMMAND ${CHARGEWARDEN_PYTHON} -B ${docs_tests}/reference_test.py
                 $<TARGET_FILE:chargewarden> ${CMAKE_SOURCE_DIR}/rules/REFERENCE.md markdown)
add_test(NAME "the schema of rules for editors is fresh"
         COMMAND ${CHARGEWARDEN_PYTHON} -B ${docs_tests}/reference_test.py
                 $<TARGET_FILE:chargewarden> ${CMAKE_SOURCE_DIR}/rules/schema.json schema)
set_tests_properties("the commands of the documents do what the documents say"
                     "the test of the documents finds the faults that it is for"
                     "the reference of events and fields is fresh"
                     "the schema of rules for editors is fresh"
                     PROPERTIES LABELS integration TIMEOUT 120)
