<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en">
  <context>
    <name>studio</name>
    <message>
      <source>&amp;About Muse Studio</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Clear mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;English</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Export 512 × 512 PNG…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;File</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Fit in window</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Generate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Hide or show all panels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;High contrast</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Invert mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Keep the seed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Language</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Layer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;New…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Open…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Panels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Paste as document</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Redo: {what}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Reset frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Roll a new seed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Save full-size PNG…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Theme</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Undo: {what}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>, or choose a smaller size.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>16 bits per channel were reduced to 8.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>3D</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A file of {0} could not be read: {1}. Check the disk, then try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Advanced</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All words in English</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All words in Japanese</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Alt+drag or right-drag</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Apple's MPS was not found: it needs a Mac with Apple silicon and macOS 14.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Application Support</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As the &amp;system</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Begin an empty document of any size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Black and white, with strong edges and focus rings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Brush</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>CMYK colours were converted to sRGB.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>CUDA driver</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>CUDA error</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Canvas</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Change the brush's size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Clear mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close the studio; unsaved work is asked about first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dark text on light grey</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dismiss</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Do again what was taken back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dog</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw another number to begin from, so that the next picture is another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop a picture here, paste one,
or type a prompt and press Generate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Edit the &amp;prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>End the process that holds the model and start it anew; your picture is safe</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Erase mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Eraser</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fill mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fit in window</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Flat</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fox</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the canvas the whole window, or bring the panels back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to the prompt and select its text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Guidance</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Hamburger</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Hardness</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ideas</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Invert mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Job({0}, {1}, {2} steps)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep the number to begin from: the same settings give the same picture again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep this seed for the next pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Light text on dark grey</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Light, dark or high contrast, as the system is set</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading the model.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>MPS backend</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make the frame the largest square in the middle of the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make what the button says: fill the mask, or a new picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mask &amp;all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mask the whole picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mask what is free, and free what is masked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Memory was short, so each step was computed in two halves. That takes longer; the picture is the same.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mouse wheel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move and resize the square that the model sees</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move the view by dragging</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Muse Studio</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Negative prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Negative prompt: </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No model is loaded; choose one, then try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No picture. Drop or paste one, or type a prompt and press Generate.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Only the first frame of the animation was opened.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opacity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a picture: PNG, JPEG or WebP</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the picture that is in the clipboard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paint mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paint the mask: what is painted is made anew</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pan</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Picture of {width} by {height} pixels. Paint the part that is to be made anew.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Re&amp;start the worker</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Roll a new seed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See, search and change the keys of all commands</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Seed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Shift+[  and  Shift+]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Shift+click</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show &amp;mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show each pixel of the picture as one pixel of the screen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide the mask; it stays in force while it is hidden</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide: {what}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the picture larger</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the picture smaller</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the whole picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show {what}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Smaller and larger brush</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Softer and harder brush</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Some of these tokens are not decided yet. Continue that decode to its end first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Something went wrong inside the model while working on {0}. Try again; if it returns, report it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Space+drag or middle-drag</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Start with a picture or a prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Starting the worker.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Steps</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sticker</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop after this step; the picture stays as it was</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Straight line from the last dab</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Style</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Swap brush and eraser</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take back the last stroke, change or result</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take parts of the mask away</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the whole mask away; the picture stays as it is</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The GPU stopped working. Start the worker again, or choose the CPU as device.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The brush must be {0} to {1} px wide.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The colour profile is damaged or does not fit and was ignored.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The mask must have {0} pixels like the picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The mask “{0}” has {1} pixels, the picture {2}. Make them the same size.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The orientation tag is damaged; the picture is shown as stored.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The picture cannot be used: {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The picture's pixels have an unknown layout.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The prompt was cut to {0} characters; the last {1} are not used.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The request cannot be run: {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The studio and its worker misunderstood each other; start the worker again, and if this returns, report it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The system ended the worker in the middle of this job, perhaps for lack of memory.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The system's language, if the studio speaks it; else English</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The tokens to begin from are damaged or no tokens at all.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker could not be started, in {0} tries. Try again with Restart; if that does not help, run “muse-studio doctor”, which says what is missing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker did not answer.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker did not stop when asked and was ended.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker ended: {0}
{1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker has not answered for some seconds. Wait for it, or start it again; your picture is safe.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker is closed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker is not started.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker said nothing after its start.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker stopped and is being started again. Your picture is unharmed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The worker stopped in the middle of this job.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} has {1} characters; shorten it to {2}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} holds unreadable characters; remove them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} is longer than the {1} tokens this model reads; what comes after them had no effect.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} must be text.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} must be {1} bytes; this one is {2} {3}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no {0} {1} to offer.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not enough memory on {0} for {1}: it takes {2} more and {3} are free. To make it, {4}, or close other programs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not enough memory to open “{0}”. Close something, or scale it down.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not enough memory{0} for {1}: {2}, or close other programs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is nothing to extend: say by how many pixels with --left, --top, --right or --bottom.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>These tokens are not this model's: {0}. Choose the model they were made with.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This job was lost because the worker was started again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This needs a {0} of {1} values.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try at {0} px</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try on the CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try one at a time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try {0} at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Turtle</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Version, model, device and licences</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write the whole picture at its full size as a PNG</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write what the frame holds as a PNG of 512 × 512 pixels, with its prompt and settings inside</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your picture is unharmed; press Generate to try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom &amp;in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom &amp;out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom at the pointer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>[  and  ]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>[CLS] $A [SEP]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file name in this checkpoint is not portable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file name in this checkpoint leads out of its folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a frame begins with {0}, not {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a header of {0} bytes; it may have 1 to {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a job was cancelled that nobody wanted cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a message was refused</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a name occurs twice in its header</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a payload of {0} bytes; it may have at most {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a preview of shape {0} is not a picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a result of shape {0} for a request of {1} px</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a smaller plan that cannot be taken</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>always on the device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>an error of the unknown kind {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>and {0} more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>architecture: missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>architecture: unknown {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>as asked for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>base decided</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>base tokenizer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>base tokens</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>base transformer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>branch continue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>can't allocate memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cannot allocate memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cfg scale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose a smaller model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose a smaller model, or another device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>continuing needs a step's tokens, and a picture only together with its mask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>could not create a memory object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>decode of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>edit by prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>editing by prompt alone takes no mask; choose inpainting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>encode takes a sequence of at least one text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>exit code {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>fill inpaint extend</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>generating from nothing takes no picture, mask or tokens; choose inpainting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>in a batch where memory allows, else one half after the other</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>inpainting begins from a picture; to go on from tokens, continue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it cannot be read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it claims {0} pixels; the most is {1} a side and {2} megapixels. Scale it down</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it could not be started: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it ends before its pixels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it has more than {0} MB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it has no pixels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it holds {0} tensors; {1} are the most that is read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is a device, not a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is a folder or a device, not a picture file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is a pickle under another name, which could run code: it was not opened</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is cut off</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is cut short, or no safetensors file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged or cut off</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: a checksum is wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: its header is missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: its header is wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: its parts are out of order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: its parts disagree about its size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged: its size is missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is made of too many pieces</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is no file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is not a PNG picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is not a PNG, JPEG or WebP picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is too short for a safetensors file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it uses a PNG extension that is not known</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it would take unreasonably long to open. Save it anew as a PNG</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its header is not JSON: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its header is not a JSON object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its header takes {0} bytes; {1} are the most that is read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its metadata is not a table of texts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its pixels are damaged or cut off</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its pixels have an unknown layout</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its tensors take {0} bytes of data and the file holds {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its weights do not fit its {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its {0} grid is {1} × {2} and theirs {3} × {4}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its {0} stage knows {1} tokens and theirs go up to {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>killed (SIGKILL); when memory is short, the system does this</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>killed by signal {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>loading the text encoder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>loading the {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>measured here: bfloat16 runs {0} times as fast as float32</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>model name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>negative prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>new detail is made at {0} px; {1} px have none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>new picture generate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no CUDA GPU was found: the machine has none, its driver is missing, or torch was installed without CUDA.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>not enough memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>on the CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>on the device while it reads a prompt, else on the CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>one variation at a time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>out of memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>part of the path is a file, not a folder. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>put the encoder {0} into the folder {1} beside cascade.json</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>re-roll reroll</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>re-texture retexture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>read from disk for every new prompt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reading cascade.json</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reading it is not allowed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>share is the part of the picture to make anew; at 0 nothing would change</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>starting PyTorch</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>step {0} of {1} after one of {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>step {0}, variation {1}, after {2} steps</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>strength is the part of the mask to make anew; at 0 nothing would change</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>super-resolution tokenizer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>super-resolution tokens without their base tokens</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>super-resolution transformer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>superres decided</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>superres tokens</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor {0} has an impossible shape {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor {0} has impossible offsets {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor {0} has type {1}, which is not read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor {0} of shape {1} does not take the {2} bytes it claims</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor {0} overlaps another or leaves a gap at byte {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>text encoder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the CPU as device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the arrays of {0} are not those it tells of</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the checkpoint in {0} cannot be used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the disk is full. Free some space, or save to another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the disk reported an error. Save to another disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the end of a job of {0} after {1} results</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file is empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file is larger than this disk allows. Save to another disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file is write-protected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder does not exist. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder is read-only. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the model {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name is not possible</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name is too long. Choose a shorter one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the other side speaks version {0}, this side version {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings are damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the size is {0} or {1}, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the size {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the stream ended inside a frame, after {0} bytes of it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the text could not be tokenised: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the text encoder in {0} cannot be used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the text encoder in {0} does not fit its {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the worker takes no arguments; the studio starts it by itself</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is a folder of that name. Choose another name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no GPU number {0}: this machine has {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no mode {0}; it is one of {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no model folder at {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no such file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this cascade comes with another text encoder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this cascade comes without its text encoder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this checkpoint is in a format that is never opened</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this device does not compute in bfloat16</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens from {0} to {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens of type {0}, decided of type {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens or confidences are out of their range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens without what of them is decided, or the reverse</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens {0} and decided {1} are not one square grid</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tokens, confidence and what is known, {0}, are not one grid</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>variation {0} where {1} comes next</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>warming up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what the hardware multiplies in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what the hardware multiplies in; a measurement could not be kept</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>writing there is not allowed. Choose another folder or name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>your disk quota is used up. Free some space, or save to another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} Change the prompt and try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} Choose another model folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} Choose auto or cpu.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} begins from a picture or from its tokens: give one of them</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} carries {1} bytes, its shapes tell of {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not fit the architecture it came with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} for a job that is not running</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds numbers that are not finite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a single file; a model here is a folder with {1} and safetensors</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no device: choose auto, cpu, cuda, mps or xla</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} must be a number from 0 to {1}, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} must be a whole number from {1} to {2}, not {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} must be {1} with {2} axes, not {3} {4}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} tells of {1} arrays, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} through XLA</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} unreadable characters were removed from the prompt.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} variations at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} × {1} pixels are more than a picture may have: {2} a side and {3} million in all. Extend it by less.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}'s {1} has {2} axes, not {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}'s {1} of shape {2} does not fit in {3} bytes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}. Choose another folder or name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: became shorter while it was read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: cannot be read: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: could not be converted; a folder with {1} needs no conversion</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: files is not a table of at most {1} names</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: format is not {1}; a newer version of this program may read it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: is not among the files that {1} lists</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: its sha256 is not the one {1} lists: damaged or exchanged; fetch it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: its states are {1} wide and {2} are needed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: leads out of the folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: missing, and other formats are never opened</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not JSON: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not a JSON object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not a list of at most {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not a regular file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not a table</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not finite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: not part of this model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: only safetensors are read; {1} files can run code</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: shape {1} where {2} is needed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: shape {1}, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: takes {1} bytes and {2} says {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: takes {1} bytes; {2} are the most that is read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: the record of {1} is not a sha256 and a count of bytes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: {1} is not one of {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: {1} is not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}, typed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}: type a number, or press the arrow keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” cannot be opened: {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” could not be saved: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” in the history is damaged. Delete it, or restore it from a copy.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” is no kind of number to compute in: choose auto, float32 or bfloat16.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>日本語 (&amp;Japanese)</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
