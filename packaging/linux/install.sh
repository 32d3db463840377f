#!/bin/sh
# Put a packaged Muse Studio under PREFIX: install.sh dist/muse-studio PREFIX
# Again over an older one replaces it; to remove it, delete the files that this prints.
set -eu
built=$(cd "$1" && pwd)
prefix=$2
here=$(cd "$(dirname "$0")" && pwd)
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac

put() { # put SOURCE TARGET
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2"
	echo "$2"
}

mkdir -p "$prefix/lib" "$prefix/bin"
rm -rf "$prefix/lib/muse-studio"
cp -R "$built" "$prefix/lib/muse-studio"
echo "$prefix/lib/muse-studio"
ln -sf "$prefix/lib/muse-studio/muse-studio" "$prefix/bin/muse-studio"
echo "$prefix/bin/muse-studio"
share=$prefix/share
put "$here/muse-studio.desktop" "$share/applications/muse-studio.desktop"
sed -i "s|^Exec=.*|Exec=\"$prefix/bin/muse-studio\" %f|;s|^TryExec=.*|TryExec=$prefix/bin/muse-studio|" \
	"$share/applications/muse-studio.desktop"
put "$here/muse-studio.metainfo.xml" "$share/metainfo/io.github.muse_studio.MuseStudio.metainfo.xml"
put "$here/muse-studio.mime.xml" "$share/mime/packages/muse-studio.xml"
put "$built/_internal/resources/icons/muse-studio.svg" "$share/icons/hicolor/scalable/apps/muse-studio.svg"
# A desktop finds these by itself in time; where its tools are there, at once.
command -v update-mime-database >/dev/null && update-mime-database "$share/mime" || true
command -v update-desktop-database >/dev/null && update-desktop-database "$share/applications" || true
