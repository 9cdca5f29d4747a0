#!/bin/sh
# install.sh TARGET SOURCE PYTHON: puts what an image of that target holds into PYTHON's environment.
# The Dockerfile and the tests run this very script. TARGET: serve, train or beam, whose packages are TARGET.txt, every
# one with its version; --no-deps and `pip check` see to it that nothing else comes in and that nothing is missing.
set -eu
target=$1 source=$2 python=$3
here=$source/src/crumple/deploy/container
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
"$python" -m pip install --quiet --no-deps --requirement "$here/$target.txt"
"$python" -m pip install --quiet --no-deps "$source"
"$python" -m pip check
bin=$("$python" -c 'import sysconfig; print(sysconfig.get_path("scripts"))')
for name in serve train; do
    if [ "$target" = "$name" ] || [ "$target" = train ]; then
        cp "$here/$name.sh" "$bin/$name"
        chmod 755 "$bin/$name"
    fi
done
