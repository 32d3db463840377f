<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en">
  <context>
    <name>studio</name>
    <message>
      <source> It is made for {0}.</source>
      <translation> これは {0} 用に作られています。</translation>
    </message>
    <message>
      <source> × {count}</source>
      <translation> × {count}</translation>
    </message>
    <message>
      <source>&amp;About Muse Studio</source>
      <translation>Muse Studio について(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Add picture as layer…</source>
      <translation>画像をレイヤーとして追加(&amp;A)…</translation>
    </message>
    <message>
      <source>&amp;Branch</source>
      <translation>分岐(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Branch from this step…</source>
      <translation>このステップから分岐(&amp;B)…</translation>
    </message>
    <message>
      <source>&amp;Cancel</source>
      <translation>キャンセル(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Canvas size…</source>
      <translation>キャンバスサイズ(&amp;C)…</translation>
    </message>
    <message>
      <source>&amp;Clear mask</source>
      <translation>マスクを消去(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Clear this list</source>
      <translation>一覧を消去(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation>ダーク(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Duplicate layer</source>
      <translation>レイヤーを複製(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation>編集(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Edit by prompt</source>
      <translation>プロンプトで編集(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;English</source>
      <translation>英語 (&amp;English)</translation>
    </message>
    <message>
      <source>&amp;Export…</source>
      <translation>書き出し(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;Feather…</source>
      <translation>ぼかし(&amp;F)…</translation>
    </message>
    <message>
      <source>&amp;File</source>
      <translation>ファイル(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Fill the mask</source>
      <translation>マスクを塗りつぶす(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Find a command…</source>
      <translation>コマンドを検索(&amp;F)…</translation>
    </message>
    <message>
      <source>&amp;Fit in window</source>
      <translation>ウィンドウに合わせる(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Flatten</source>
      <translation>画像を統合(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Format</source>
      <translation>形式(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Generate</source>
      <translation>生成(&amp;G)</translation>
    </message>
    <message>
      <source>&amp;Grow…</source>
      <translation>拡張(&amp;G)…</translation>
    </message>
    <message>
      <source>&amp;Height</source>
      <translation>高さ(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>ヘルプ(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Hide or show all panels</source>
      <translation>すべてのパネルを表示/非表示(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;High contrast</source>
      <translation>ハイコントラスト(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Hold the last picture</source>
      <translation>最後の画像で停止(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Image</source>
      <translation>画像(&amp;I)</translation>
    </message>
    <message>
      <source>&amp;Image size…</source>
      <translation>画像サイズ(&amp;I)…</translation>
    </message>
    <message>
      <source>&amp;Invert mask</source>
      <translation>マスクを反転(&amp;I)</translation>
    </message>
    <message>
      <source>&amp;Keep the seed</source>
      <translation>シードを固定(&amp;K)</translation>
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation>キーボードショートカット(&amp;K)</translation>
    </message>
    <message>
      <source>&amp;Language</source>
      <translation>言語(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Layer</source>
      <translation>レイヤー(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Light</source>
      <translation>ライト(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Live painting</source>
      <translation>ライブ描画(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Load mask…</source>
      <translation>マスクを読み込み(&amp;L)…</translation>
    </message>
    <message>
      <source>&amp;Lossless</source>
      <translation>可逆(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Mask</source>
      <translation>マスク(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Merge down</source>
      <translation>下のレイヤーと結合(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Mode</source>
      <translation>モード(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Models and devices…</source>
      <translation>モデルとデバイス(&amp;M)…</translation>
    </message>
    <message>
      <source>&amp;Negative prompt</source>
      <translation>ネガティブプロンプト(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;New picture</source>
      <translation>新しい画像(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;New…</source>
      <translation>新規(&amp;N)…</translation>
    </message>
    <message>
      <source>&amp;Next variation</source>
      <translation>次のバリエーション(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;Off</source>
      <translation>オフ(&amp;O)</translation>
    </message>
    <message>
      <source>&amp;Open…</source>
      <translation>開く(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Other:</source>
      <translation>別の値(&amp;O):</translation>
    </message>
    <message>
      <source>&amp;Panels</source>
      <translation>パネル(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Paste as document</source>
      <translation>新規ドキュメントとして貼り付け(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Paste as layer</source>
      <translation>レイヤーとして貼り付け(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Previous variation</source>
      <translation>前のバリエーション(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Prompt</source>
      <translation>プロンプト(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Quality</source>
      <translation>画質(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>終了(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Re-roll the doubtful</source>
      <translation>自信のない部分を引き直す(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation>やり直す(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Redo: {what}</source>
      <translation>やり直す: {what}(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Remove</source>
      <translation>取り除く(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Rename layer</source>
      <translation>レイヤー名を変更(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Reset frame</source>
      <translation>フレームをリセット(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Roll a new seed</source>
      <translation>新しいシードを引く(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Same</source>
      <translation>同じ(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Save</source>
      <translation>保存(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Save mask…</source>
      <translation>マスクを保存(&amp;S)…</translation>
    </message>
    <message>
      <source>&amp;Search the history</source>
      <translation>履歴を検索(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Shrink…</source>
      <translation>縮小(&amp;S)…</translation>
    </message>
    <message>
      <source>&amp;Side by side</source>
      <translation>並べて表示(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Size</source>
      <translation>サイズ(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Slider</source>
      <translation>スライダー(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Theme</source>
      <translation>テーマ(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Transparent</source>
      <translation>透明(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>元に戻す(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Undo: {what}</source>
      <translation>元に戻す: {what}(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Use its prompt and settings</source>
      <translation>プロンプトと設定を使う(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>表示(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Welcome</source>
      <translation>ようこそ(&amp;W)</translation>
    </message>
    <message>
      <source>&amp;White</source>
      <translation>白(&amp;W)</translation>
    </message>
    <message>
      <source>&amp;Without a mask, as it was</source>
      <translation>当時と同じくマスクなし(&amp;W)</translation>
    </message>
    <message>
      <source>, or choose a smaller size.</source>
      <translation>。小さいサイズを選ぶこともできます。</translation>
    </message>
    <message>
      <source>, {amount} of it here already</source>
      <translation>、うち {amount} は取得済み</translation>
    </message>
    <message>
      <source>.</source>
      <translation>。</translation>
    </message>
    <message>
      <source>1 is as it was trained, 0 is without effect, and below 0 is the opposite</source>
      <translation>1 で学習時の効き方、0 で効果なし、0 未満では逆の効果になります</translation>
    </message>
    <message>
      <source>1 job</source>
      <translation>1 件のジョブ</translation>
    </message>
    <message>
      <source>16 bits per channel were reduced to 8.</source>
      <translation>チャンネルあたり 16 ビットを 8 ビットにしました。</translation>
    </message>
    <message>
      <source>3D</source>
      <translation>立体</translation>
    </message>
    <message>
      <source>512 px with detail, or 256 px without: about a third of the time</source>
      <translation>512 px はディテールあり。256 px はなしで、時間は約 3 分の 1</translation>
    </message>
    <message>
      <source>A WebP has at most {0} pixels a side. Choose PNG, or scale the picture down.</source>
      <translation>WebP は 1 辺 {0} ピクセルまでです。PNG を選ぶか、画像を縮小してください。</translation>
    </message>
    <message>
      <source>A document may have {0} layers. Merge or delete some first.</source>
      <translation>レイヤーは {0} 枚までです。先に結合するか削除してください。</translation>
    </message>
    <message>
      <source>A file name in this cascade is not possible on every system.</source>
      <translation>このカスケードには、システムによっては使えないファイル名があります。</translation>
    </message>
    <message>
      <source>A file name in this cascade leads out of its folder. Don't use it.</source>
      <translation>このカスケードにはフォルダーの外を指すファイル名があります。使わないでください。</translation>
    </message>
    <message>
      <source>A file of {0} could not be read: {1}. Check the disk, then try again.</source>
      <translation>{0}のファイルを読み込めませんでした: {1}。ディスクを確認して、もう一度試してください。</translation>
    </message>
    <message>
      <source>A frame of the whole picture</source>
      <translation>画像全体のフレーム</translation>
    </message>
    <message>
      <source>A frame of {side} × {side} pixels</source>
      <translation>{side} × {side} ピクセルのフレーム</translation>
    </message>
    <message>
      <source>A graphics card by NVIDIA, or by AMD with ROCm</source>
      <translation>NVIDIA、または ROCm 対応 AMD のグラフィックカード</translation>
    </message>
    <message>
      <source>A hidden mask stays in force</source>
      <translation>隠れたマスクも有効です</translation>
    </message>
    <message>
      <source>A layer can be merged into the one below it while both are visible. Show both first.</source>
      <translation>下のレイヤーと結合するには、両方が表示されている必要があります。先に両方を表示してください。</translation>
    </message>
    <message>
      <source>A layer's pixels have an unknown layout.</source>
      <translation>レイヤーのピクセル配置が不明です。</translation>
    </message>
    <message>
      <source>A picture is being made</source>
      <translation>画像を生成しています</translation>
    </message>
    <message>
      <source>A picture needs at least one pixel; choose a larger part of it.</source>
      <translation>画像には 1 ピクセル以上が必要です。もっと広い範囲を選んでください。</translation>
    </message>
    <message>
      <source>A safetensors file made for this model; it can also be dropped on the window</source>
      <translation>このモデル用に作られた safetensors ファイルです。ウィンドウにドロップしても追加できます</translation>
    </message>
    <message>
      <source>A step's picture is larger than any step's can be.</source>
      <translation>ステップの画像が大きすぎます。</translation>
    </message>
    <message>
      <source>A&amp;dd a LoRA…</source>
      <translation>LoRA を追加(&amp;D)…</translation>
    </message>
    <message>
      <source>About Muse Studio</source>
      <translation>Muse Studio について</translation>
    </message>
    <message>
      <source>Accept the licence and fetch</source>
      <translation>ライセンスに同意して取得</translation>
    </message>
    <message>
      <source>Add a LoRA</source>
      <translation>LoRA を追加</translation>
    </message>
    <message>
      <source>Add a LoRA…</source>
      <translation>LoRA を追加…</translation>
    </message>
    <message>
      <source>Add a folder…</source>
      <translation>フォルダーを追加…</translation>
    </message>
    <message>
      <source>Add a picture as a layer</source>
      <translation>画像をレイヤーとして追加</translation>
    </message>
    <message>
      <source>Add it as a layer</source>
      <translation>レイヤーとして追加</translation>
    </message>
    <message>
      <source>Add layer</source>
      <translation>レイヤーを追加</translation>
    </message>
    <message>
      <source>Add picture as layer</source>
      <translation>画像をレイヤーとして追加</translation>
    </message>
    <message>
      <source>Add result</source>
      <translation>結果を追加</translation>
    </message>
    <message>
      <source>Add room around the picture or take some away; nothing is scaled</source>
      <translation>画像の周りの余白を増減します。拡大縮小はしません</translation>
    </message>
    <message>
      <source>Add to the mask (Shift)</source>
      <translation>マスクに追加(Shift)</translation>
    </message>
    <message>
      <source>Add to the mask, take away, keep the overlap</source>
      <translation>マスクに追加、マスクから除外、重なりだけ残す</translation>
    </message>
    <message>
      <source>After</source>
      <translation>後</translation>
    </message>
    <message>
      <source>All files</source>
      <translation>すべてのファイル</translation>
    </message>
    <message>
      <source>All iterations stay. The detail is made anew with what you choose here, as another run; this one is kept.</source>
      <translation>反復はすべて残ります。細部はここで選んだ内容で、別の実行として作り直されます。この実行も残ります。</translation>
    </message>
    <message>
      <source>All layers together would hold {0} GB, and {1} GB is the most. Merge or delete some layers, or make the picture smaller.</source>
      <translation>全レイヤーで {0} GB になり、上限の {1} GB を超えます。レイヤーを結合または削除するか、画像を小さくしてください。</translation>
    </message>
    <message>
      <source>All words in English</source>
      <translation>すべて英語で表示します</translation>
    </message>
    <message>
      <source>All words in Japanese</source>
      <translation>すべて日本語で表示します</translation>
    </message>
    <message>
      <source>Alt+drag or right-drag</source>
      <translation>Alt+ドラッグ または 右ドラッグ</translation>
    </message>
    <message>
      <source>An edit by prompt goes on over the whole picture</source>
      <translation>プロンプトによる編集は画像全体に続きます</translation>
    </message>
    <message>
      <source>An edit by prompt goes on over the whole picture, not a mask.</source>
      <translation>プロンプトによる編集は、マスクではなく画像全体に続きます。</translation>
    </message>
    <message>
      <source>An empty document of any size</source>
      <translation>好きなサイズの空のドキュメント</translation>
    </message>
    <message>
      <source>Another animation is still being written.</source>
      <translation>別のアニメーションをまだ書き出しています。</translation>
    </message>
    <message>
      <source>Another program has changed this project. Its layers are as that program left them; variations, mask and prompt were not kept by it.</source>
      <translation>このプロジェクトは別のソフトで変更されています。レイヤーはそのソフトが残した状態で、バリエーション、マスク、プロンプトは失われています。</translation>
    </message>
    <message>
      <source>Another size that it can make</source>
      <translation>ほかに作れるサイズ</translation>
    </message>
    <message>
      <source>Apache-2.0. The interface font is Inter (SIL Open Font License 1.1); Qt is used under the LGPL-3.0.</source>
      <translation>Apache-2.0。画面の書体は Inter(SIL Open Font License 1.1)、Qt は LGPL-3.0 のもとで使用しています。</translation>
    </message>
    <message>
      <source>Apple's MPS was not found: it needs a Mac with Apple silicon and macOS 14.</source>
      <translation>Apple の MPS が見つかりません。Apple シリコンの Mac と macOS 14 が必要です。</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>適用</translation>
    </message>
    <message>
      <source>Apply from the history</source>
      <translation>履歴から適用</translation>
    </message>
    <message>
      <source>Apply to the canvas	Enter</source>
      <translation>キャンバスに適用	Enter</translation>
    </message>
    <message>
      <source>As it &amp;was</source>
      <translation>当時のまま(&amp;W)</translation>
    </message>
    <message>
      <source>As the &amp;system</source>
      <translation>システムに合わせる(&amp;S)</translation>
    </message>
    <message>
      <source>As the picture &amp;suggests</source>
      <translation>画像に合わせて自動(&amp;S)</translation>
    </message>
    <message>
      <source>Ask for size and licence once more</source>
      <translation>サイズとライセンスをもう一度問い合わせます</translation>
    </message>
    <message>
      <source>Ask for size and licence; nothing is fetched before you have agreed to them</source>
      <translation>サイズとライセンスを問い合わせます。同意するまで何も取得しません</translation>
    </message>
    <message>
      <source>Asking {address} for size and licence…</source>
      <translation>{address} にサイズとライセンスを問い合わせています…</translation>
    </message>
    <message>
      <source>At most {count} LoRAs are used at once.</source>
      <translation>同時に使える LoRA は {count} 個までです。</translation>
    </message>
    <message>
      <source>At most {count} at once; take one off first</source>
      <translation>同時に {count} 個までです。先にどれかを外してください</translation>
    </message>
    <message>
      <source>At most {most}; the lowest position is the model's own.</source>
      <translation>最大 {most}。一番低い位置はモデルの既定値です。</translation>
    </message>
    <message>
      <source>At this size all layers would hold {0} GB. Merge some of them first.</source>
      <translation>このサイズでは全レイヤーで {0} GB になります。先にいくつか結合してください。</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>戻る</translation>
    </message>
    <message>
      <source>Back to the canvas</source>
      <translation>キャンバスに戻る</translation>
    </message>
    <message>
      <source>Back to the picture</source>
      <translation>画像に戻る</translation>
    </message>
    <message>
      <source>Back to the picture: show the document on the canvas again (Esc)</source>
      <translation>画像に戻る: キャンバスにドキュメントを表示し直します(Esc)</translation>
    </message>
    <message>
      <source>Background</source>
      <translation>背景</translation>
    </message>
    <message>
      <source>Backgrounds</source>
      <translation>背景</translation>
    </message>
    <message>
      <source>Before</source>
      <translation>前</translation>
    </message>
    <message>
      <source>Begin an empty document of any size</source>
      <translation>好きなサイズの空のドキュメントを作ります</translation>
    </message>
    <message>
      <source>Begin with nothing: what is not painted or made stays transparent</source>
      <translation>何もない状態で始めます。描いたり生成したりしない部分は透明のままです</translation>
    </message>
    <message>
      <source>Begin with white everywhere</source>
      <translation>全体を白で始めます</translation>
    </message>
    <message>
      <source>Being made</source>
      <translation>生成中</translation>
    </message>
    <message>
      <source>Black and white, with strong edges and focus rings</source>
      <translation>白と黒に、はっきりした枠とフォーカスの輪</translation>
    </message>
    <message>
      <source>Blue</source>
      <translation>青</translation>
    </message>
    <message>
      <source>Both pictures next to each other, at the same scale</source>
      <translation>2 枚の画像を同じ倍率で並べます</translation>
    </message>
    <message>
      <source>Both stages: the picture in full detail</source>
      <translation>両方の段階: ディテールまで作ります</translation>
    </message>
    <message>
      <source>Branch</source>
      <translation>分岐</translation>
    </message>
    <message>
      <source>Branch from a step</source>
      <translation>ステップから分岐</translation>
    </message>
    <message>
      <source>Branch here</source>
      <translation>ここから分岐</translation>
    </message>
    <message>
      <source>Branch here…</source>
      <translation>ここから分岐…</translation>
    </message>
    <message>
      <source>Branches that leave here: {count}</source>
      <translation>ここからの分岐: {count}</translation>
    </message>
    <message>
      <source>Bring it back</source>
      <translation>元に戻す</translation>
    </message>
    <message>
      <source>Bring the layer further to the back</source>
      <translation>レイヤーを背面へ動かします</translation>
    </message>
    <message>
      <source>Bring the layer further to the front</source>
      <translation>レイヤーを前面へ動かします</translation>
    </message>
    <message>
      <source>Brush</source>
      <translation>ブラシ</translation>
    </message>
    <message>
      <source>CMYK colours were converted to sRGB.</source>
      <translation>CMYK の色を sRGB に変換しました。</translation>
    </message>
    <message>
      <source>CUDA driver</source>
      <translation>CUDA ドライバー</translation>
    </message>
    <message>
      <source>CUDA error</source>
      <translation>CUDA エラー</translation>
    </message>
    <message>
      <source>Can be fetched</source>
      <translation>取得できるもの</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>キャンセル</translation>
    </message>
    <message>
      <source>Cancel &amp;all</source>
      <translation>すべてキャンセル(&amp;A)</translation>
    </message>
    <message>
      <source>Cancel all</source>
      <translation>すべてキャンセル</translation>
    </message>
    <message>
      <source>Cancel fetching</source>
      <translation>取得のキャンセル</translation>
    </message>
    <message>
      <source>Cancel this job</source>
      <translation>このジョブをキャンセル</translation>
    </message>
    <message>
      <source>Cancelled</source>
      <translation>キャンセル済み</translation>
    </message>
    <message>
      <source>Cancelled; nothing was changed</source>
      <translation>キャンセルしました。何も変わっていません</translation>
    </message>
    <message>
      <source>Cancel…</source>
      <translation>キャンセル…</translation>
    </message>
    <message>
      <source>Canvas</source>
      <translation>キャンバス</translation>
    </message>
    <message>
      <source>Canvas size</source>
      <translation>キャンバスサイズ</translation>
    </message>
    <message>
      <source>Change a LoRA's strength</source>
      <translation>LoRA の強さを変更</translation>
    </message>
    <message>
      <source>Change a picture by words</source>
      <translation>言葉で画像を変える</translation>
    </message>
    <message>
      <source>Change the brush's size</source>
      <translation>ブラシサイズを変更</translation>
    </message>
    <message>
      <source>Change the brush's size, pan</source>
      <translation>ブラシサイズの変更、手のひら</translation>
    </message>
    <message>
      <source>Change the mode</source>
      <translation>モードを変更</translation>
    </message>
    <message>
      <source>Change the prompt</source>
      <translation>プロンプトを変更</translation>
    </message>
    <message>
      <source>Change the seed</source>
      <translation>シードを変更</translation>
    </message>
    <message>
      <source>Change the settings</source>
      <translation>設定を変更</translation>
    </message>
    <message>
      <source>Changed; the studio came with other keys</source>
      <translation>変更済み。初期設定とは異なるキーです</translation>
    </message>
    <message>
      <source>Changes the picture step by step until it follows the prompt; no mask is needed</source>
      <translation>プロンプトに沿うまで画像を少しずつ変えます。マスクは不要です</translation>
    </message>
    <message>
      <source>Choose a &amp;file…</source>
      <translation>ファイルを選択(&amp;F)…</translation>
    </message>
    <message>
      <source>Choose a PNG, JPEG or WebP on this computer</source>
      <translation>このコンピューターの PNG、JPEG、WebP を選びます</translation>
    </message>
    <message>
      <source>Choose a cascade's folder</source>
      <translation>カスケードのフォルダーを選択</translation>
    </message>
    <message>
      <source>Choose a cascade's folder, or one of the Hub's cache; it stays where it is</source>
      <translation>カスケードのフォルダーか、Hub のキャッシュのフォルダーを選びます。元の場所に残ります</translation>
    </message>
    <message>
      <source>Choose a command above, click here and press its new keys</source>
      <translation>上でコマンドを選び、ここをクリックして新しいキーを押してください</translation>
    </message>
    <message>
      <source>Choose a command to change its keys</source>
      <translation>コマンドを選ぶとキーを変更できます</translation>
    </message>
    <message>
      <source>Choose a file…</source>
      <translation>ファイルを選択…</translation>
    </message>
    <message>
      <source>Choose a smaller model.</source>
      <translation>小さいモデルを選んでください。</translation>
    </message>
    <message>
      <source>Choose variation</source>
      <translation>バリエーションを選択</translation>
    </message>
    <message>
      <source>Choose, add, check and remove models, and choose what computes them</source>
      <translation>モデルの選択、追加、確認、削除と、計算に使うデバイスの選択</translation>
    </message>
    <message>
      <source>Clear mask</source>
      <translation>マスクを消去</translation>
    </message>
    <message>
      <source>Clear the search</source>
      <translation>検索を消去</translation>
    </message>
    <message>
      <source>Click a colour to mask all that looks like it. Shift adds to the mask, Alt takes away.</source>
      <translation>色をクリックすると似た部分をマスク。Shift で追加、Alt で除外。</translation>
    </message>
    <message>
      <source>Click a word or press Enter to add it to the prompt; the list stays open</source>
      <translation>クリックまたは Enter でプロンプトに追加します。一覧は開いたままです</translation>
    </message>
    <message>
      <source>Click corner after corner. Enter or a double click closes, Backspace takes one back, Esc all.</source>
      <translation>角を順にクリック。Enter かダブルクリックで閉じる、Backspace で 1 つ戻す、Esc で取り消し。</translation>
    </message>
    <message>
      <source>Click to look closer, Alt+click to step back, or drag a box to fill the window with it.</source>
      <translation>クリックで拡大、Alt+クリックで縮小。囲むとその範囲をウィンドウいっぱいに表示。</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>閉じる</translation>
    </message>
    <message>
      <source>Close it, take back a corner, give it up</source>
      <translation>閉じる、角を 1 つ戻す、やめる</translation>
    </message>
    <message>
      <source>Close the studio; unsaved work is asked about first</source>
      <translation>スタジオを閉じます。未保存の作業があれば先に確認します</translation>
    </message>
    <message>
      <source>Com&amp;pare</source>
      <translation>比較(&amp;P)</translation>
    </message>
    <message>
      <source>Command</source>
      <translation>コマンド</translation>
    </message>
    <message>
      <source>Commands</source>
      <translation>コマンド</translation>
    </message>
    <message>
      <source>Commands are about the layer above from now on</source>
      <translation>上のレイヤーを操作の対象にします</translation>
    </message>
    <message>
      <source>Commands are about the layer below from now on</source>
      <translation>下のレイヤーを操作の対象にします</translation>
    </message>
    <message>
      <source>Commands that fit</source>
      <translation>該当するコマンド</translation>
    </message>
    <message>
      <source>Compare every file with the sha256 that was published for it</source>
      <translation>すべてのファイルを公開された sha256 と照合します</translation>
    </message>
    <message>
      <source>Compare pictures</source>
      <translation>画像を比較</translation>
    </message>
    <message>
      <source>Compare the colours of the active layer, not of the whole picture</source>
      <translation>画像全体ではなく、アクティブなレイヤーの色で判定します</translation>
    </message>
    <message>
      <source>Compare the two	C</source>
      <translation>2 枚を比較	C</translation>
    </message>
    <message>
      <source>Compare with the canvas	C</source>
      <translation>キャンバスと比較	C</translation>
    </message>
    <message>
      <source>Composition</source>
      <translation>構図</translation>
    </message>
    <message>
      <source>Composition: {count} of {total} large cells are made anew</source>
      <translation>構図: 大きいセル {total} 個中 {count} 個を作り直します</translation>
    </message>
    <message>
      <source>Copy its prompt</source>
      <translation>プロンプトをコピー</translation>
    </message>
    <message>
      <source>Create</source>
      <translation>作成</translation>
    </message>
    <message>
      <source>Crop to &amp;frame</source>
      <translation>フレームで切り抜き(&amp;F)</translation>
    </message>
    <message>
      <source>Crop to &amp;mask</source>
      <translation>マスクで切り抜き(&amp;M)</translation>
    </message>
    <message>
      <source>Crop to frame</source>
      <translation>フレームで切り抜き</translation>
    </message>
    <message>
      <source>Crop to mask</source>
      <translation>マスクで切り抜き</translation>
    </message>
    <message>
      <source>Ctrl while dragging the frame</source>
      <translation>フレームのドラッグ中に Ctrl</translation>
    </message>
    <message>
      <source>Cut picture and layers to the smallest rectangle around the mask</source>
      <translation>マスクを囲む最小の長方形に切り抜きます</translation>
    </message>
    <message>
      <source>Cut picture, layers and mask to what the frame holds</source>
      <translation>画像、レイヤー、マスクをフレームの範囲に切り抜きます</translation>
    </message>
    <message>
      <source>Cutting out the frame…</source>
      <translation>フレームを切り出しています…</translation>
    </message>
    <message>
      <source>D&amp;elete layer</source>
      <translation>レイヤーを削除(&amp;E)</translation>
    </message>
    <message>
      <source>Dark text on light grey</source>
      <translation>明るいグレーに濃い文字</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>削除</translation>
    </message>
    <message>
      <source>Delete	Del</source>
      <translation>削除	Del</translation>
    </message>
    <message>
      <source>Delete from the history</source>
      <translation>履歴から削除</translation>
    </message>
    <message>
      <source>Delete layer</source>
      <translation>レイヤーを削除</translation>
    </message>
    <message>
      <source>Delete the files</source>
      <translation>ファイルを削除</translation>
    </message>
    <message>
      <source>Delete this picture for good?</source>
      <translation>この画像を完全に削除しますか?</translation>
    </message>
    <message>
      <source>Delete {count} pictures for good?</source>
      <translation>{count} 枚の画像を完全に削除しますか?</translation>
    </message>
    <message>
      <source>Describe what you want to see, for instance: a 3d fox</source>
      <translation>描きたいものを英語で入力。例: a 3d fox</translation>
    </message>
    <message>
      <source>Detail</source>
      <translation>細部</translation>
    </message>
    <message>
      <source>Detail: {count} of {total} small cells are made anew</source>
      <translation>ディテール: 小さいセル {total} 個中 {count} 個を作り直します</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>デバイス</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>破棄</translation>
    </message>
    <message>
      <source>Discard recovered work</source>
      <translation>復元した作業を破棄</translation>
    </message>
    <message>
      <source>Discard {name}</source>
      <translation>{name} を破棄</translation>
    </message>
    <message>
      <source>Discard “{title}” for good?</source>
      <translation>「{title}」を完全に破棄しますか?</translation>
    </message>
    <message>
      <source>Discard…</source>
      <translation>破棄…</translation>
    </message>
    <message>
      <source>Dismiss</source>
      <translation>閉じる</translation>
    </message>
    <message>
      <source>Do again what was taken back</source>
      <translation>取り消した操作をもう一度行います</translation>
    </message>
    <message>
      <source>Document size</source>
      <translation>ドキュメントのサイズ</translation>
    </message>
    <message>
      <source>Dog</source>
      <translation>イヌ</translation>
    </message>
    <message>
      <source>Done in {seconds} s</source>
      <translation>{seconds} 秒で完了</translation>
    </message>
    <message>
      <source>Double-click to rename (F2); drag to move it to the front or back</source>
      <translation>ダブルクリックで名前を変更(F2)。ドラッグで前後に移動</translation>
    </message>
    <message>
      <source>Drag a rectangle. Shift adds, Alt takes away. Shift while dragging: square. Alt: from the middle.</source>
      <translation>長方形をドラッグ。Shift で追加、Alt で除外。ドラッグ中の Shift: 正方形。Alt: 中心から。</translation>
    </message>
    <message>
      <source>Drag an ellipse. Shift adds, Alt takes away. Shift while dragging: circle. Alt: from the middle.</source>
      <translation>楕円をドラッグ。Shift で追加、Alt で除外。ドラッグ中の Shift: 正円。Alt: 中心から。</translation>
    </message>
    <message>
      <source>Drag the square to choose what the model sees, over the edge to extend. Ctrl: no snapping.</source>
      <translation>正方形をドラッグしてモデルが見る範囲を選ぶ。端を越えると拡張。Ctrl: 吸着なし。</translation>
    </message>
    <message>
      <source>Drag to look at any step. Arrow keys go one step, Home and End to the first and last</source>
      <translation>ドラッグで好きなステップを見られます。矢印キーで 1 ステップ、Home と End で最初と最後へ</translation>
    </message>
    <message>
      <source>Drag to move the view. The wheel zooms at the pointer, with Shift it turns the view.</source>
      <translation>ドラッグで表示を移動。ホイールでポインター位置をズーム、Shift を押すと回転。</translation>
    </message>
    <message>
      <source>Drag to paint the mask. Shift+click: straight line. Alt+drag: brush size. X: eraser.</source>
      <translation>ドラッグでマスクを塗る。Shift+クリック: 直線。Alt+ドラッグ: ブラシサイズ。X: 消しゴム。</translation>
    </message>
    <message>
      <source>Drag to take the mask away. Shift+click: straight line. Alt+drag: brush size. X: brush.</source>
      <translation>ドラッグでマスクを消す。Shift+クリック: 直線。Alt+ドラッグ: ブラシサイズ。X: ブラシ。</translation>
    </message>
    <message>
      <source>Draw a draft anew after every change; nothing is kept until you generate</source>
      <translation>変更のたびに下書きを描き直します。生成するまで何も残りません</translation>
    </message>
    <message>
      <source>Draw a line over the picture to see what was there before the active layer</source>
      <translation>画像に線を引き、アクティブなレイヤーの前の状態と見比べます</translation>
    </message>
    <message>
      <source>Draw another number to begin from, so that the next picture is another one</source>
      <translation>始まりの数を引き直し、次は別の画像になるようにします</translation>
    </message>
    <message>
      <source>Draw around what you want. Shift adds to the mask, Alt takes away, both keep the overlap.</source>
      <translation>ほしい部分を囲む。Shift でマスクに追加、Alt で除外、両方で重なりだけ残す。</translation>
    </message>
    <message>
      <source>Draw it in {style} style</source>
      <translation>{style} スタイルで描く</translation>
    </message>
    <message>
      <source>Drop a picture here, paste one,
or type a prompt and press Generate</source>
      <translation>ここに画像をドロップするか貼り付けるか、
プロンプトを入力して「生成」を押してください</translation>
    </message>
    <message>
      <source>Drop a picture here, paste one, or type a prompt and press Generate.</source>
      <translation>ここに画像をドロップするか貼り付けるか、プロンプトを入力して「生成」を押してください。</translation>
    </message>
    <message>
      <source>Dropping the file into the studio brings them back; other tools read them too</source>
      <translation>ファイルをドロップすると設定が戻ります。ほかのツールでも読めます</translation>
    </message>
    <message>
      <source>Duplicate layer</source>
      <translation>レイヤーを複製</translation>
    </message>
    <message>
      <source>E&amp;xtend the picture</source>
      <translation>画像を拡張(&amp;X)</translation>
    </message>
    <message>
      <source>Each step is computed in two halves: slower, but the same picture.</source>
      <translation>各ステップを 2 回に分けて計算します。遅くなりますが、同じ画像です。</translation>
    </message>
    <message>
      <source>Earlier prompts</source>
      <translation>以前のプロンプト</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>編集</translation>
    </message>
    <message>
      <source>Edit by prompt</source>
      <translation>プロンプトで編集</translation>
    </message>
    <message>
      <source>Edit the &amp;prompt</source>
      <translation>プロンプトを編集(&amp;P)</translation>
    </message>
    <message>
      <source>Ellipse</source>
      <translation>楕円</translation>
    </message>
    <message>
      <source>Empty all fields, so that the model's own numbers hold</source>
      <translation>すべての欄を空にして、モデル本来の値を使います</translation>
    </message>
    <message>
      <source>End the process that holds the model and start it anew; your picture is safe</source>
      <translation>モデルを動かすプロセスを終了して起動し直します。画像は安全です</translation>
    </message>
    <message>
      <source>Enter, Backspace, Esc in a polygon</source>
      <translation>多角形で Enter、Backspace、Esc</translation>
    </message>
    <message>
      <source>Erase mask</source>
      <translation>マスクを消す</translation>
    </message>
    <message>
      <source>Eraser</source>
      <translation>消しゴム</translation>
    </message>
    <message>
      <source>Every browser opens it. Lossless keeps every pixel as it is.</source>
      <translation>どのブラウザでも開けます。可逆ならすべてのピクセルがそのまま残ります。</translation>
    </message>
    <message>
      <source>Every file is whole. Nobody says what they must be, so whether they were exchanged cannot be told.</source>
      <translation>すべてのファイルは完全です。本来の内容を示すものがないため、すり替えられたかどうかはわかりません。</translation>
    </message>
    <message>
      <source>Every picture made for this document; branches stand under the run they left</source>
      <translation>このドキュメントで作ったすべての画像。分岐は元の実行の下に並びます</translation>
    </message>
    <message>
      <source>Every picture you make is kept here with its prompt, seed and settings, so that none is lost.</source>
      <translation>作った画像はすべて、プロンプト、シード、設定とともにここに残ります。</translation>
    </message>
    <message>
      <source>Every pixel as it is; the file is larger</source>
      <translation>すべてのピクセルをそのまま。ファイルは大きくなります</translation>
    </message>
    <message>
      <source>Every step of every picture is kept here. Make a picture, then go back to any step and branch off.</source>
      <translation>すべての画像の全ステップがここに残ります。画像を作れば、どのステップにも戻って分岐できます。</translation>
    </message>
    <message>
      <source>Everything at full size, as all visible layers show it</source>
      <translation>表示中のレイヤーすべてを原寸で</translation>
    </message>
    <message>
      <source>Exchange left and right</source>
      <translation>左右を入れ替えます</translation>
    </message>
    <message>
      <source>Exchange top and bottom</source>
      <translation>上下を入れ替えます</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>書き出し</translation>
    </message>
    <message>
      <source>Export the &amp;decode…</source>
      <translation>デコードを書き出し(&amp;D)…</translation>
    </message>
    <message>
      <source>Export the decode</source>
      <translation>デコードを書き出し</translation>
    </message>
    <message>
      <source>Export the frame as P&amp;NG…</source>
      <translation>フレームを PNG で書き出し(&amp;N)…</translation>
    </message>
    <message>
      <source>Export the frame as PNG</source>
      <translation>フレームを PNG で書き出し</translation>
    </message>
    <message>
      <source>Export this decode as an animation…</source>
      <translation>このデコードをアニメーションに書き出し…</translation>
    </message>
    <message>
      <source>Exported {name} in {folder}.</source>
      <translation>{folder} に {name} を書き出しました。</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>書き出し…</translation>
    </message>
    <message>
      <source>Extend</source>
      <translation>拡張</translation>
    </message>
    <message>
      <source>Extend the picture</source>
      <translation>画像を拡張</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>失敗</translation>
    </message>
    <message>
      <source>Feather the mask</source>
      <translation>マスクをぼかす</translation>
    </message>
    <message>
      <source>Fetch it under this licence; it can be paused</source>
      <translation>このライセンスのもとで取得します。一時停止もできます</translation>
    </message>
    <message>
      <source>Fetch nothing</source>
      <translation>何も取得しません</translation>
    </message>
    <message>
      <source>Fill</source>
      <translation>塗りつぶし</translation>
    </message>
    <message>
      <source>Fill in {side} × {side} pixels</source>
      <translation>{side} × {side} ピクセルを入力します</translation>
    </message>
    <message>
      <source>Fill mask</source>
      <translation>マスクを塗りつぶし</translation>
    </message>
    <message>
      <source>Fill the mask</source>
      <translation>マスクを塗りつぶす</translation>
    </message>
    <message>
      <source>Fill where a mask is painted, extend where the frame reaches over, else make a new picture</source>
      <translation>マスクがあれば塗りつぶし、フレームがはみ出せば拡張、それ以外は新しい画像を作ります</translation>
    </message>
    <message>
      <source>Filmstrip</source>
      <translation>フィルムストリップ</translation>
    </message>
    <message>
      <source>Find a picture that was made, by its prompt, model or seed</source>
      <translation>作った画像をプロンプト、モデル、シードで探します</translation>
    </message>
    <message>
      <source>Find any command by a few of its letters, and do it</source>
      <translation>数文字でコマンドを探して実行します</translation>
    </message>
    <message>
      <source>Fit in window</source>
      <translation>ウィンドウに合わせる</translation>
    </message>
    <message>
      <source>Fit the f&amp;rame</source>
      <translation>フレームに合わせる(&amp;R)</translation>
    </message>
    <message>
      <source>Flat</source>
      <translation>フラット</translation>
    </message>
    <message>
      <source>Flatten</source>
      <translation>画像を統合</translation>
    </message>
    <message>
      <source>Flip &amp;horizontally</source>
      <translation>左右反転(&amp;H)</translation>
    </message>
    <message>
      <source>Flip &amp;vertically</source>
      <translation>上下反転(&amp;V)</translation>
    </message>
    <message>
      <source>Flip horizontally</source>
      <translation>左右反転</translation>
    </message>
    <message>
      <source>Flip vertically</source>
      <translation>上下反転</translation>
    </message>
    <message>
      <source>Forget which files were open; the files themselves stay</source>
      <translation>開いたファイルの記録を消します。ファイルそのものは残ります</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>形式</translation>
    </message>
    <message>
      <source>Found: {name}</source>
      <translation>検出: {name}</translation>
    </message>
    <message>
      <source>Fox</source>
      <translation>キツネ</translation>
    </message>
    <message>
      <source>Fox and penguin</source>
      <translation>キツネとペンギン</translation>
    </message>
    <message>
      <source>Frame</source>
      <translation>フレーム</translation>
    </message>
    <message>
      <source>Frame {side} px</source>
      <translation>フレーム {side} px</translation>
    </message>
    <message>
      <source>From</source>
      <translation>取得元</translation>
    </message>
    <message>
      <source>From 90 nobody sees a difference; below 60 edges begin to smear</source>
      <translation>90 以上では違いが分かりません。60 未満では縁がにじみ始めます</translation>
    </message>
    <message>
      <source>From step {number}</source>
      <translation>ステップ {number} から</translation>
    </message>
    <message>
      <source>From the history</source>
      <translation>履歴から</translation>
    </message>
    <message>
      <source>From words alone: a rocket on a blue sky. Watch it form, step by step.</source>
      <translation>言葉だけから、青空にロケットを。一歩ずつ形になる様子を見られます。</translation>
    </message>
    <message>
      <source>From {name}</source>
      <translation>{name} から</translation>
    </message>
    <message>
      <source>GIF, 255 colours a picture</source>
      <translation>GIF、1 枚 255 色</translation>
    </message>
    <message>
      <source>GPU (Apple)</source>
      <translation>GPU (Apple)</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Generate &amp;instead of all that waits</source>
      <translation>待機中と入れ替えて生成(&amp;I)</translation>
    </message>
    <message>
      <source>Generate &amp;next</source>
      <translation>次に生成(&amp;N)</translation>
    </message>
    <message>
      <source>Generate extends the picture to here</source>
      <translation>「生成」でここまで画像を拡張します</translation>
    </message>
    <message>
      <source>Generate next, or instead of everything that waits</source>
      <translation>次に生成するか、待機中のものと入れ替えます</translation>
    </message>
    <message>
      <source>Get asks for size and licence first. Before that nothing goes anywhere.</source>
      <translation>「取得…」を押すと、まずサイズとライセンスを問い合わせます。それまでは何も送りません。</translation>
    </message>
    <message>
      <source>Get asks {address} what it offers now. Before that nothing goes over the network.</source>
      <translation>「取得…」を押すと、{address} に今の提供内容を問い合わせます。それまではネットワークを使いません。</translation>
    </message>
    <message>
      <source>Get…</source>
      <translation>取得…</translation>
    </message>
    <message>
      <source>Give every command the keys that the studio came with</source>
      <translation>すべてのコマンドのキーを初期設定に戻します</translation>
    </message>
    <message>
      <source>Give the canvas the whole window, or bring the panels back</source>
      <translation>キャンバスをウィンドウいっぱいに広げるか、パネルを戻します</translation>
    </message>
    <message>
      <source>Give the command the keys that the studio came with</source>
      <translation>コマンドのキーを初期設定に戻します</translation>
    </message>
    <message>
      <source>Give the command these keys beside those it has</source>
      <translation>今のキーに加えて、このキーも割り当てます</translation>
    </message>
    <message>
      <source>Give the command these keys instead of those it has</source>
      <translation>今のキーの代わりに、このキーを割り当てます</translation>
    </message>
    <message>
      <source>Go on from the step in the timeline with another prompt, seed, guidance or mask</source>
      <translation>タイムラインのステップから、別のプロンプト、シード、ガイダンス、マスクで続けます</translation>
    </message>
    <message>
      <source>Go on from this step with another prompt, seed, guidance or mask; this run is kept (Enter)</source>
      <translation>このステップから、別のプロンプト、シード、ガイダンス、マスクで続けます。この実行は残ります(Enter)</translation>
    </message>
    <message>
      <source>Go on from what has come</source>
      <translation>届いたところから続けます</translation>
    </message>
    <message>
      <source>Go on only under what is painted now; the rest stays as it is on the canvas</source>
      <translation>今塗られている部分だけを続けます。ほかはキャンバスのままです</translation>
    </message>
    <message>
      <source>Go on where it was left</source>
      <translation>続きから作業します</translation>
    </message>
    <message>
      <source>Go to the layer &amp;above</source>
      <translation>上のレイヤーへ移る(&amp;A)</translation>
    </message>
    <message>
      <source>Go to the layer &amp;below</source>
      <translation>下のレイヤーへ移る(&amp;B)</translation>
    </message>
    <message>
      <source>Go to the prompt and select its text</source>
      <translation>プロンプトへ移り、文字を選択します</translation>
    </message>
    <message>
      <source>Green</source>
      <translation>緑</translation>
    </message>
    <message>
      <source>Ground</source>
      <translation>背景</translation>
    </message>
    <message>
      <source>Grow the mask</source>
      <translation>マスクを拡張</translation>
    </message>
    <message>
      <source>Guidance</source>
      <translation>ガイダンス</translation>
    </message>
    <message>
      <source>Guidance of composition</source>
      <translation>構図のガイダンス</translation>
    </message>
    <message>
      <source>Guidance of detail</source>
      <translation>ディテールのガイダンス</translation>
    </message>
    <message>
      <source>Hamburger</source>
      <translation>ハンバーガー</translation>
    </message>
    <message>
      <source>Hardness</source>
      <translation>硬さ</translation>
    </message>
    <message>
      <source>Height</source>
      <translation>高さ</translation>
    </message>
    <message>
      <source>Hide layer</source>
      <translation>レイヤーを隠す</translation>
    </message>
    <message>
      <source>Hide or show this layer (Space). With Alt: show only this one</source>
      <translation>このレイヤーの表示/非表示(Space)。Alt を押しながらで、これだけを表示</translation>
    </message>
    <message>
      <source>Hide the layer, or show it again; it is kept either way</source>
      <translation>レイヤーの表示を切り替えます。どちらでも残ります</translation>
    </message>
    <message>
      <source>History</source>
      <translation>履歴</translation>
    </message>
    <message>
      <source>History of pictures</source>
      <translation>画像の履歴</translation>
    </message>
    <message>
      <source>Hold of the last picture</source>
      <translation>最後の画像の停止時間</translation>
    </message>
    <message>
      <source>How closely to follow the prompt, 0 to 30</source>
      <translation>プロンプトにどれだけ忠実に従うか、0 から 30</translation>
    </message>
    <message>
      <source>How closely to follow the prompt. Too much makes colours harsh and shapes odd.</source>
      <translation>プロンプトにどれだけ忠実に従うか。強すぎると色がきつくなり、形が崩れます。</translation>
    </message>
    <message>
      <source>How daring the order is in which parts are decided. More gives more variety, and more slips.</source>
      <translation>部分を決めていく順序の大胆さ。大きいほど変化に富み、失敗も増えます。</translation>
    </message>
    <message>
      <source>How far the edit goes. More follow the prompt further and keep less of the picture.</source>
      <translation>編集をどこまで進めるか。多いほどプロンプトに近づき、元の画像は少なくなります。</translation>
    </message>
    <message>
      <source>How fast the decode is played</source>
      <translation>デコードの再生速度</translation>
    </message>
    <message>
      <source>How large pictures are made. A larger one shows more and takes longer.</source>
      <translation>作る画像の大きさです。大きいほど細かく描け、時間もかかります。</translation>
    </message>
    <message>
      <source>How many pictures are made at once; each has its own seed</source>
      <translation>一度に作る枚数。それぞれ別のシードを使います</translation>
    </message>
    <message>
      <source>How much is made anew: the parts of which the model is least sure</source>
      <translation>モデルの自信がない部分をどれだけ作り直すか</translation>
    </message>
    <message>
      <source>How much memory it has is not known.</source>
      <translation>メモリの量は分かりません。</translation>
    </message>
    <message>
      <source>How much of the layer covers what is below it</source>
      <translation>レイヤーが下の絵をどれだけ覆うか</translation>
    </message>
    <message>
      <source>How much of what is under the mask is made anew: 100 % replaces it, less stays near it</source>
      <translation>マスクの下をどれだけ作り直すか。100 % なら置き換え、小さいほど元に近くなります</translation>
    </message>
    <message>
      <source>Ideas</source>
      <translation>アイデア</translation>
    </message>
    <message>
      <source>Image size</source>
      <translation>画像サイズ</translation>
    </message>
    <message>
      <source>In how many steps the stage is made. More take longer and are a little finer.</source>
      <translation>この段階を何ステップで作るか。多いほど時間がかかり、少し細かくなります。</translation>
    </message>
    <message>
      <source>In pixels of the picture.</source>
      <translation>画像のピクセル単位です。</translation>
    </message>
    <message>
      <source>In use</source>
      <translation>使用中</translation>
    </message>
    <message>
      <source>Interrupted</source>
      <translation>中断</translation>
    </message>
    <message>
      <source>Into</source>
      <translation>保存先</translation>
    </message>
    <message>
      <source>Invert mask</source>
      <translation>マスクを反転</translation>
    </message>
    <message>
      <source>It has changes that no file holds yet.</source>
      <translation>まだどのファイルにも保存されていない変更があります。</translation>
    </message>
    <message>
      <source>It is damaged and cannot be opened.</source>
      <translation>壊れていて開けません。</translation>
    </message>
    <message>
      <source>It is not in any other file, and cannot be brought back.</source>
      <translation>ほかのどのファイルにもなく、元に戻せません。</translation>
    </message>
    <message>
      <source>It was fetched and is on this disk, but it is not on your list.</source>
      <translation>取得済みで、このディスクにありますが、一覧にはありません。</translation>
    </message>
    <message>
      <source>It was never saved.</source>
      <translation>一度も保存されていません。</translation>
    </message>
    <message>
      <source>Iterations</source>
      <translation>反復回数</translation>
    </message>
    <message>
      <source>Its file is not known on this computer. Add it to use it, or take it off the list.</source>
      <translation>このコンピューターではファイルの場所が分かりません。使うにはファイルを追加するか、リストから外してください。</translation>
    </message>
    <message>
      <source>JPEG picture</source>
      <translation>JPEG 画像</translation>
    </message>
    <message>
      <source>JPEG: small, for photographs</source>
      <translation>JPEG: 小さく、写真向き</translation>
    </message>
    <message>
      <source>Keep</source>
      <translation>残す</translation>
    </message>
    <message>
      <source>Keep everything as it is, and go on without it</source>
      <translation>すべてそのまま残し、復元せずに続けます</translation>
    </message>
    <message>
      <source>Keep only the overlap (Shift+Alt)</source>
      <translation>重なりだけを残す(Shift+Alt)</translation>
    </message>
    <message>
      <source>Keep the files</source>
      <translation>ファイルを残す</translation>
    </message>
    <message>
      <source>Keep the number to begin from: the same settings give the same picture again</source>
      <translation>始まりの数を固定します。同じ設定なら同じ画像になります</translation>
    </message>
    <message>
      <source>Keep the proportions</source>
      <translation>縦横比を保つ</translation>
    </message>
    <message>
      <source>Keep this seed for the next pictures</source>
      <translation>次の画像でもこのシードを使う</translation>
    </message>
    <message>
      <source>Keep what is see-&amp;through</source>
      <translation>透明部分を保つ(&amp;T)</translation>
    </message>
    <message>
      <source>Keeps what is seen and makes its fine detail anew</source>
      <translation>見た目を保ち、細かいディテールを作り直します</translation>
    </message>
    <message>
      <source>Kept {when}</source>
      <translation>{when} に保存</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>キーボードショートカット</translation>
    </message>
    <message>
      <source>Keys</source>
      <translation>キー</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>投げなわ</translation>
    </message>
    <message>
      <source>Later</source>
      <translation>後で</translation>
    </message>
    <message>
      <source>Lay the picture that is in the clipboard over this one, in the middle</source>
      <translation>クリップボードの画像を、この画像の中央に重ねます</translation>
    </message>
    <message>
      <source>Layer opacity</source>
      <translation>レイヤーの不透明度</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>レイヤー</translation>
    </message>
    <message>
      <source>Layers keep their names, places, opacity and visibility. Other variations stay here.</source>
      <translation>レイヤーの名前、位置、不透明度、表示が保たれます。ほかのバリエーションは含まれません。</translation>
    </message>
    <message>
      <source>Left edge</source>
      <translation>左端</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>ライセンス</translation>
    </message>
    <message>
      <source>Licence: {name}</source>
      <translation>ライセンス: {name}</translation>
    </message>
    <message>
      <source>Light text on dark grey</source>
      <translation>暗いグレーに明るい文字</translation>
    </message>
    <message>
      <source>Light, dark or high contrast, as the system is set</source>
      <translation>ライト、ダーク、ハイコントラストをシステムの設定に合わせます</translation>
    </message>
    <message>
      <source>Live painting</source>
      <translation>ライブ描画</translation>
    </message>
    <message>
      <source>Live painting was switched off. {reason}</source>
      <translation>ライブ描画をオフにしました。{reason}</translation>
    </message>
    <message>
      <source>LoRA files</source>
      <translation>LoRA ファイル</translation>
    </message>
    <message>
      <source>LoRA files change published cascades, such as aMUSEd, and not this one. Choose another model.</source>
      <translation>LoRA ファイルは aMUSEd などの公開カスケードを変えるもので、このモデルには使えません。別のモデルを選んでください。</translation>
    </message>
    <message>
      <source>LoRA files change published models, such as aMUSEd. Choose one of those first.</source>
      <translation>LoRA ファイルは aMUSEd などの公開モデルを変えるものです。先に公開モデルを選んでください。</translation>
    </message>
    <message>
      <source>LoRAs</source>
      <translation>追加学習(LoRA)</translation>
    </message>
    <message>
      <source>LoRAs that were used before</source>
      <translation>以前に使った LoRA</translation>
    </message>
    <message>
      <source>Load a mask</source>
      <translation>マスクを読み込み</translation>
    </message>
    <message>
      <source>Load mask</source>
      <translation>マスクを読み込み</translation>
    </message>
    <message>
      <source>Loading the model.</source>
      <translation>モデルを読み込んでいます。</translation>
    </message>
    <message>
      <source>Look closer or step back by clicking, or fill the window with a box</source>
      <translation>クリックで拡大や縮小、囲んだ範囲をウィンドウいっぱいに表示します</translation>
    </message>
    <message>
      <source>Looking at {name}…</source>
      <translation>{name} を調べています…</translation>
    </message>
    <message>
      <source>Looking for pictures…</source>
      <translation>画像を探しています…</translation>
    </message>
    <message>
      <source>Lower and upper pen button</source>
      <translation>ペンの下と上のボタン</translation>
    </message>
    <message>
      <source>Lower edge</source>
      <translation>下端</translation>
    </message>
    <message>
      <source>Lower left</source>
      <translation>左下</translation>
    </message>
    <message>
      <source>Lower right</source>
      <translation>右下</translation>
    </message>
    <message>
      <source>MPS backend</source>
      <translation>MPS バックエンド</translation>
    </message>
    <message>
      <source>Magic wand</source>
      <translation>自動選択</translation>
    </message>
    <message>
      <source>Make</source>
      <translation>生成</translation>
    </message>
    <message>
      <source>Make a copy of the layer above it; a copy takes no memory until it differs</source>
      <translation>レイヤーの複製を上に作ります。変更するまでメモリは増えません</translation>
    </message>
    <message>
      <source>Make a picture</source>
      <translation>画像を作る</translation>
    </message>
    <message>
      <source>Make one layer of all that can be seen; hidden layers are dropped</source>
      <translation>見えているものを 1 枚のレイヤーにします。非表示のレイヤーは破棄されます</translation>
    </message>
    <message>
      <source>Make one layer of this one and that below it; both must be visible</source>
      <translation>下のレイヤーと 1 枚にします。どちらも表示されている必要があります</translation>
    </message>
    <message>
      <source>Make the frame the largest square in the middle of the picture</source>
      <translation>フレームを画像中央の最大の正方形にします</translation>
    </message>
    <message>
      <source>Make the next pictures with it, without a restart of the program</source>
      <translation>プログラムを再起動せずに、次の画像からこのモデルで作ります</translation>
    </message>
    <message>
      <source>Make the rest of the picture (Ctrl+Enter)</source>
      <translation>残りの画像を作ります(Ctrl+Enter)</translation>
    </message>
    <message>
      <source>Make what the button says before everything that waits</source>
      <translation>ボタンの内容を、待機中のものより先に生成します</translation>
    </message>
    <message>
      <source>Make what the button says, after everything that waits</source>
      <translation>ボタンの内容を、待機中のものの後に生成します</translation>
    </message>
    <message>
      <source>Make what the button says, and cancel everything that runs or waits</source>
      <translation>実行中と待機中をすべて取り消し、ボタンの内容を生成します</translation>
    </message>
    <message>
      <source>Makes a whole picture from the prompt, in the frame</source>
      <translation>フレーム内にプロンプトから画像を作ります</translation>
    </message>
    <message>
      <source>Makes those parts anew of which the model is least sure</source>
      <translation>モデルの自信がない部分を作り直します</translation>
    </message>
    <message>
      <source>Makes what lies in the frame but outside the picture, so that it continues</source>
      <translation>フレーム内で画像の外にある部分を、続きとして作ります</translation>
    </message>
    <message>
      <source>Mark out a rectangle</source>
      <translation>長方形の範囲を指定します</translation>
    </message>
    <message>
      <source>Mark out all that has the colour you click</source>
      <translation>クリックした色の部分をすべて指定します</translation>
    </message>
    <message>
      <source>Mark out an area by drawing around it</source>
      <translation>囲んで範囲を指定します</translation>
    </message>
    <message>
      <source>Mark out an area corner by corner</source>
      <translation>角を 1 つずつ置いて範囲を指定します</translation>
    </message>
    <message>
      <source>Mark out an ellipse</source>
      <translation>楕円の範囲を指定します</translation>
    </message>
    <message>
      <source>Mask</source>
      <translation>マスク</translation>
    </message>
    <message>
      <source>Mask &amp;all</source>
      <translation>すべてをマスク(&amp;A)</translation>
    </message>
    <message>
      <source>Mask look</source>
      <translation>マスクの見た目</translation>
    </message>
    <message>
      <source>Mask the whole picture</source>
      <translation>画像全体をマスクします</translation>
    </message>
    <message>
      <source>Mask what is free, and free what is masked</source>
      <translation>マスクの内と外を入れ替えます</translation>
    </message>
    <message>
      <source>Memory in use</source>
      <translation>使用中のメモリ</translation>
    </message>
    <message>
      <source>Memory of the window and its worker</source>
      <translation>ウィンドウとワーカーのメモリ</translation>
    </message>
    <message>
      <source>Memory was short, so each step was computed in two halves. That takes longer; the picture is the same.</source>
      <translation>メモリが足りないため、各ステップを 2 回に分けて計算しました。時間はかかりますが、画像は同じです。</translation>
    </message>
    <message>
      <source>Memory {size} MB</source>
      <translation>メモリ {size} MB</translation>
    </message>
    <message>
      <source>Menu</source>
      <translation>メニュー</translation>
    </message>
    <message>
      <source>Merge down</source>
      <translation>下のレイヤーと結合</translation>
    </message>
    <message>
      <source>Messages</source>
      <translation>メッセージ</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>中央</translation>
    </message>
    <message>
      <source>Mirror the vie&amp;w</source>
      <translation>表示を左右反転(&amp;W)</translation>
    </message>
    <message>
      <source>Mirror the view</source>
      <translation>表示を左右反転</translation>
    </message>
    <message>
      <source>Mode</source>
      <translation>モード</translation>
    </message>
    <message>
      <source>Model and device</source>
      <translation>モデルとデバイス</translation>
    </message>
    <message>
      <source>Model and device: choose others</source>
      <translation>モデルとデバイス: ほかを選ぶ</translation>
    </message>
    <message>
      <source>Model card</source>
      <translation>モデルカード</translation>
    </message>
    <message>
      <source>Model's own</source>
      <translation>モデルの既定</translation>
    </message>
    <message>
      <source>Model: {model}
Device: {device}</source>
      <translation>モデル: {model}
デバイス: {device}</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>モデル</translation>
    </message>
    <message>
      <source>Models and devices</source>
      <translation>モデルとデバイス</translation>
    </message>
    <message>
      <source>More things, drawn roughly</source>
      <translation>そのほかのもの（やや粗い絵）</translation>
    </message>
    <message>
      <source>Mountain valley</source>
      <translation>山の谷</translation>
    </message>
    <message>
      <source>Mouse wheel</source>
      <translation>マウスホイール</translation>
    </message>
    <message>
      <source>Move and resize the square that the model sees</source>
      <translation>モデルが見る正方形を動かし、大きさを変えます</translation>
    </message>
    <message>
      <source>Move into the &amp;frame</source>
      <translation>フレーム内に移動(&amp;F)</translation>
    </message>
    <message>
      <source>Move its edge inwards by</source>
      <translation>縁を内側へ縮める量</translation>
    </message>
    <message>
      <source>Move its edge outwards by</source>
      <translation>縁を外側へ広げる量</translation>
    </message>
    <message>
      <source>Move layer</source>
      <translation>レイヤーを移動</translation>
    </message>
    <message>
      <source>Move layer &amp;up</source>
      <translation>レイヤーを上へ移動(&amp;U)</translation>
    </message>
    <message>
      <source>Move layer d&amp;own</source>
      <translation>レイヤーを下へ移動(&amp;O)</translation>
    </message>
    <message>
      <source>Move layer's pixels</source>
      <translation>レイヤーのピクセルを移動</translation>
    </message>
    <message>
      <source>Move the frame over an edge of the picture first; what lies outside is then made.</source>
      <translation>先にフレームを画像の端に重ねてください。外側が生成されます。</translation>
    </message>
    <message>
      <source>Move the layer into the middle of the frame; Ctrl with arrow keys in the list nudges it</source>
      <translation>レイヤーをフレームの中央に移します。一覧で Ctrl+矢印キーを押すと少しずつ動きます</translation>
    </message>
    <message>
      <source>Move the mask's edge inwards by some pixels</source>
      <translation>マスクの縁を数ピクセル内側へ縮めます</translation>
    </message>
    <message>
      <source>Move the mask's edge outwards by some pixels</source>
      <translation>マスクの縁を数ピクセル外側へ広げます</translation>
    </message>
    <message>
      <source>Move the view by dragging</source>
      <translation>ドラッグで表示位置を動かします</translation>
    </message>
    <message>
      <source>Muse Studio</source>
      <translation>Muse Studio</translation>
    </message>
    <message>
      <source>Muse Studio {0}</source>
      <translation>Muse Studio {0}</translation>
    </message>
    <message>
      <source>Name of the layer</source>
      <translation>レイヤーの名前</translation>
    </message>
    <message>
      <source>Name of the preset:</source>
      <translation>プリセットの名前:</translation>
    </message>
    <message>
      <source>Needs torch_xla; the first picture takes minutes to prepare</source>
      <translation>torch_xla が必要です。最初の画像は準備に数分かかります</translation>
    </message>
    <message>
      <source>Negative prompt</source>
      <translation>ネガティブプロンプト</translation>
    </message>
    <message>
      <source>Negative prompt: </source>
      <translation>ネガティブプロンプト: </translation>
    </message>
    <message>
      <source>New</source>
      <translation>新規</translation>
    </message>
    <message>
      <source>New &amp;detail</source>
      <translation>ディテールを作り直す(&amp;D)</translation>
    </message>
    <message>
      <source>New detail</source>
      <translation>ディテールを作り直す</translation>
    </message>
    <message>
      <source>New document</source>
      <translation>新規ドキュメント</translation>
    </message>
    <message>
      <source>New document…</source>
      <translation>新規ドキュメント…</translation>
    </message>
    <message>
      <source>New keys</source>
      <translation>新しいキー</translation>
    </message>
    <message>
      <source>New layer from &amp;visible</source>
      <translation>表示部分から新規レイヤー(&amp;V)</translation>
    </message>
    <message>
      <source>New layer from visible</source>
      <translation>表示部分から新規レイヤー</translation>
    </message>
    <message>
      <source>New mask: what is marked becomes the mask</source>
      <translation>新しいマスク: 指定した範囲がマスクになります</translation>
    </message>
    <message>
      <source>New name:</source>
      <translation>新しい名前:</translation>
    </message>
    <message>
      <source>New picture</source>
      <translation>新しい画像</translation>
    </message>
    <message>
      <source>No command fits.</source>
      <translation>該当するコマンドがありません。</translation>
    </message>
    <message>
      <source>No earlier prompt has these words.</source>
      <translation>この言葉を含む以前のプロンプトはありません。</translation>
    </message>
    <message>
      <source>No keys</source>
      <translation>キーなし</translation>
    </message>
    <message>
      <source>No layers. Results and added pictures arrive here.</source>
      <translation>レイヤーがありません。生成結果や追加した画像がここに入ります。</translation>
    </message>
    <message>
      <source>No model is loaded; choose one, then try again.</source>
      <translation>モデルが読み込まれていません。選んでから、もう一度試してください。</translation>
    </message>
    <message>
      <source>No picture has all of these words. Try fewer.</source>
      <translation>すべての語を含む画像はありません。語を減らしてみてください。</translation>
    </message>
    <message>
      <source>No picture. Drop or paste one, or type a prompt and press Generate.</source>
      <translation>画像がありません。ドロップするか貼り付けるか、プロンプトを入力して「生成」を押してください。</translation>
    </message>
    <message>
      <source>No presets yet</source>
      <translation>プリセットはまだありません</translation>
    </message>
    <message>
      <source>No prompt</source>
      <translation>プロンプトなし</translation>
    </message>
    <message>
      <source>No snapping</source>
      <translation>吸着しない</translation>
    </message>
    <message>
      <source>No stars yet</source>
      <translation>スターはまだありません</translation>
    </message>
    <message>
      <source>No step was made</source>
      <translation>ステップがありません</translation>
    </message>
    <message>
      <source>Nobody says what these files must be, so whether they were exchanged cannot be told.</source>
      <translation>これらのファイルの本来の内容を示すものがないため、すり替えられたかどうかはわかりません。</translation>
    </message>
    <message>
      <source>Nobody says what “{0}” must be: it has no published hash. It is not taken.</source>
      <translation>「{0}」が何であるべきかはどこにも書かれていません。公開されたハッシュがないため、取り込みません。</translation>
    </message>
    <message>
      <source>Not now</source>
      <translation>今はしない</translation>
    </message>
    <message>
      <source>Not possible now: {does}</source>
      <translation>今は実行できません: {does}</translation>
    </message>
    <message>
      <source>Nothing found</source>
      <translation>見つかりません</translation>
    </message>
    <message>
      <source>Nothing made yet</source>
      <translation>まだ何も作られていません</translation>
    </message>
    <message>
      <source>Nothing of the result lies on the canvas as it is now. It is kept in the history.</source>
      <translation>いまのキャンバスには、結果の入る場所が残っていません。履歴には残っています。</translation>
    </message>
    <message>
      <source>Nothing waits. Each press of Generate puts a job here; you needn't wait for the last.</source>
      <translation>待機中のものはありません。「生成」を押すたびにジョブがここに加わります。前のものを待つ必要はありません。</translation>
    </message>
    <message>
      <source>Off, white is laid under the picture</source>
      <translation>オフにすると画像の下に白を敷きます</translation>
    </message>
    <message>
      <source>On the canvas, fixed</source>
      <translation>キャンバス上(変更不可)</translation>
    </message>
    <message>
      <source>One damaged</source>
      <translation>破損 1 件</translation>
    </message>
    <message>
      <source>One over the other: drag the edge, or move it with the arrow keys</source>
      <translation>重ねて表示します。境目をドラッグするか、矢印キーで動かします</translation>
    </message>
    <message>
      <source>One picture</source>
      <translation>1 枚の画像</translation>
    </message>
    <message>
      <source>One picture is in the trash.</source>
      <translation>1 枚の画像をごみ箱に移しました。</translation>
    </message>
    <message>
      <source>One step back (Left)</source>
      <translation>1 ステップ戻る(←)</translation>
    </message>
    <message>
      <source>One step on (Right)</source>
      <translation>1 ステップ進む(→)</translation>
    </message>
    <message>
      <source>Only the first frame of the animation was opened.</source>
      <translation>アニメーションの最初のコマだけを開きました。</translation>
    </message>
    <message>
      <source>Only what is joined to the pixel you click</source>
      <translation>クリックしたピクセルとつながった部分だけ</translation>
    </message>
    <message>
      <source>Opacity</source>
      <translation>不透明度</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>開く</translation>
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation>最近使ったファイル(&amp;R)</translation>
    </message>
    <message>
      <source>Open a picture and lay it over this one, in the middle</source>
      <translation>画像を開き、この画像の中央に重ねます</translation>
    </message>
    <message>
      <source>Open a picture or project</source>
      <translation>画像またはプロジェクトを開く</translation>
    </message>
    <message>
      <source>Open a picture…</source>
      <translation>画像を開く…</translation>
    </message>
    <message>
      <source>Open a project, or a picture: PNG, JPEG or WebP</source>
      <translation>プロジェクト、または PNG、JPEG、WebP の画像を開きます</translation>
    </message>
    <message>
      <source>Open as a document</source>
      <translation>ドキュメントとして開く</translation>
    </message>
    <message>
      <source>Open models by others; choose one to see its licence and size</source>
      <translation>ほかの人が公開しているモデルです。選ぶとライセンスとサイズがわかります</translation>
    </message>
    <message>
      <source>Open one to go on with it. What you leave for later stays safe and is offered at the next start.</source>
      <translation>開くと続きから作業できます。後回しにしたものは安全に残り、次の起動時にまた表示されます。</translation>
    </message>
    <message>
      <source>Open or make a picture, and its layers are listed here.</source>
      <translation>画像を開くか作ると、そのレイヤーがここに並びます。</translation>
    </message>
    <message>
      <source>Open the picture that is in the clipboard</source>
      <translation>クリップボードの画像を開きます</translation>
    </message>
    <message>
      <source>Open this picture</source>
      <translation>この画像を開く</translation>
    </message>
    <message>
      <source>Open what was not saved when the studio ended unexpectedly</source>
      <translation>異常終了したときに保存されていなかった作業を開きます</translation>
    </message>
    <message>
      <source>Open {name}</source>
      <translation>{name} を開く</translation>
    </message>
    <message>
      <source>Opens everywhere; dropping it here brings its prompt back.</source>
      <translation>どこでも開けます。ここにドロップするとプロンプトも戻ります。</translation>
    </message>
    <message>
      <source>Optional</source>
      <translation>省略できます</translation>
    </message>
    <message>
      <source>Orange</source>
      <translation>オレンジ</translation>
    </message>
    <message>
      <source>Other seed</source>
      <translation>別のシード</translation>
    </message>
    <message>
      <source>Outline only</source>
      <translation>輪郭のみ</translation>
    </message>
    <message>
      <source>PNG picture</source>
      <translation>PNG 画像</translation>
    </message>
    <message>
      <source>PNG: every pixel as it is</source>
      <translation>PNG: すべてのピクセルをそのまま</translation>
    </message>
    <message>
      <source>Paint a fox into a landscape</source>
      <translation>風景にキツネを描く</translation>
    </message>
    <message>
      <source>Paint a mask inside this picture's frame first</source>
      <translation>先にこの画像のフレーム内にマスクを塗ってください</translation>
    </message>
    <message>
      <source>Paint a mask, type a prompt, and watch every step of a masked generative transformer on your canvas.</source>
      <translation>マスクを塗り、プロンプトを入力すれば、マスク型生成トランスフォーマーの一歩一歩がキャンバスに現れます。</translation>
    </message>
    <message>
      <source>Paint mask</source>
      <translation>マスクを塗る</translation>
    </message>
    <message>
      <source>Paint over what shall change first.</source>
      <translation>先に、変えたい部分を塗ってください。</translation>
    </message>
    <message>
      <source>Paint the fox's place</source>
      <translation>キツネの場所を塗る</translation>
    </message>
    <message>
      <source>Paint the mask: what is painted is made anew</source>
      <translation>マスクを塗ります。塗った部分が作り直されます</translation>
    </message>
    <message>
      <source>Paints the prompt under your mask</source>
      <translation>マスクの下にプロンプトの内容を描きます</translation>
    </message>
    <message>
      <source>Pan</source>
      <translation>手のひら</translation>
    </message>
    <message>
      <source>Paste</source>
      <translation>貼り付け</translation>
    </message>
    <message>
      <source>Pasted</source>
      <translation>貼り付け</translation>
    </message>
    <message>
      <source>Pasted picture</source>
      <translation>貼り付けた画像</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>一時停止</translation>
    </message>
    <message>
      <source>Paused. What has come is kept until you go on or delete it.</source>
      <translation>一時停止中です。届いた分は、再開するか削除するまで残ります。</translation>
    </message>
    <message>
      <source>Pen pressure changes the opacity</source>
      <translation>筆圧で不透明度を変える</translation>
    </message>
    <message>
      <source>Pen pressure changes the size</source>
      <translation>筆圧でサイズを変える</translation>
    </message>
    <message>
      <source>Photoshop file</source>
      <translation>Photoshop ファイル</translation>
    </message>
    <message>
      <source>Photoshop: all layers</source>
      <translation>Photoshop: すべてのレイヤー</translation>
    </message>
    <message>
      <source>Picture of {width} by {height} pixels. Paint the part that is to be made anew.</source>
      <translation>{width}×{height} ピクセルの画像。作り直す部分を塗ってください。</translation>
    </message>
    <message>
      <source>Picture stays at</source>
      <translation>画像の位置</translation>
    </message>
    <message>
      <source>Pictures</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Pictures and projects</source>
      <translation>画像とプロジェクト</translation>
    </message>
    <message>
      <source>Pictures that are made at once</source>
      <translation>一度に作る枚数</translation>
    </message>
    <message>
      <source>Pictures to begin with</source>
      <translation>始めるための画像</translation>
    </message>
    <message>
      <source>Pl&amp;ay the decode</source>
      <translation>デコードを再生(&amp;A)</translation>
    </message>
    <message>
      <source>Places</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Plan</source>
      <translation>生成計画</translation>
    </message>
    <message>
      <source>Play the decode (Space)</source>
      <translation>デコードを再生(Space)</translation>
    </message>
    <message>
      <source>Polygon</source>
      <translation>多角形</translation>
    </message>
    <message>
      <source>Presets</source>
      <translation>プリセット</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>プロセッサー</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>進行状況</translation>
    </message>
    <message>
      <source>Progress of fetching</source>
      <translation>取得の進行状況</translation>
    </message>
    <message>
      <source>Progress of verifying</source>
      <translation>検証の進行状況</translation>
    </message>
    <message>
      <source>Project, OpenRaster</source>
      <translation>プロジェクト(OpenRaster)</translation>
    </message>
    <message>
      <source>Prompt</source>
      <translation>プロンプト</translation>
    </message>
    <message>
      <source>Prompts you use are kept here.</source>
      <translation>使ったプロンプトがここに残ります。</translation>
    </message>
    <message>
      <source>Published models that can be fetched</source>
      <translation>取得できる公開モデル</translation>
    </message>
    <message>
      <source>Put all that can be seen into one more layer; the others stay</source>
      <translation>見えているものを新しいレイヤー 1 枚にまとめます。ほかはそのままです</translation>
    </message>
    <message>
      <source>Put it on the list</source>
      <translation>一覧に加える</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>画質</translation>
    </message>
    <message>
      <source>Queue</source>
      <translation>キュー</translation>
    </message>
    <message>
      <source>Re&amp;name</source>
      <translation>名前を変更(&amp;N)</translation>
    </message>
    <message>
      <source>Re&amp;start the worker</source>
      <translation>ワーカーを再起動(&amp;S)</translation>
    </message>
    <message>
      <source>Re-roll</source>
      <translation>引き直し</translation>
    </message>
    <message>
      <source>Re-roll the doubtful</source>
      <translation>自信のない部分を引き直す</translation>
    </message>
    <message>
      <source>Ready.</source>
      <translation>準備完了。</translation>
    </message>
    <message>
      <source>Recent files</source>
      <translation>最近使ったファイル</translation>
    </message>
    <message>
      <source>Reco&amp;ver unsaved work…</source>
      <translation>未保存の作業を復元(&amp;V)…</translation>
    </message>
    <message>
      <source>Recover unsaved work</source>
      <translation>未保存の作業を復元</translation>
    </message>
    <message>
      <source>Rectangle</source>
      <translation>長方形</translation>
    </message>
    <message>
      <source>Red</source>
      <translation>赤</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>やり直す</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>取り除く</translation>
    </message>
    <message>
      <source>Remove a model</source>
      <translation>モデルを外す</translation>
    </message>
    <message>
      <source>Remove it for good; asks first</source>
      <translation>完全に削除します。先に確認します</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>名前を変更</translation>
    </message>
    <message>
      <source>Rename layer</source>
      <translation>レイヤー名を変更</translation>
    </message>
    <message>
      <source>Rename the preset</source>
      <translation>プリセット名を変更</translation>
    </message>
    <message>
      <source>Rename, use again or remove the chosen run</source>
      <translation>選んだ実行の名前変更、再利用、削除</translation>
    </message>
    <message>
      <source>Replace by these settings</source>
      <translation>この設定で置き換え</translation>
    </message>
    <message>
      <source>Replace it</source>
      <translation>置き換える</translation>
    </message>
    <message>
      <source>Reset</source>
      <translation>リセット</translation>
    </message>
    <message>
      <source>Reset all</source>
      <translation>すべてリセット</translation>
    </message>
    <message>
      <source>Restart worker</source>
      <translation>ワーカーを再起動</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>再開</translation>
    </message>
    <message>
      <source>Right edge</source>
      <translation>右端</translation>
    </message>
    <message>
      <source>Rocket</source>
      <translation>ロケット</translation>
    </message>
    <message>
      <source>Roll a new seed</source>
      <translation>新しいシードを引く</translation>
    </message>
    <message>
      <source>Rotate &amp;180°</source>
      <translation>180° 回転(&amp;1)</translation>
    </message>
    <message>
      <source>Rotate 180°</source>
      <translation>180° 回転</translation>
    </message>
    <message>
      <source>Rotate 90° &amp;left</source>
      <translation>左に 90° 回転(&amp;L)</translation>
    </message>
    <message>
      <source>Rotate 90° left</source>
      <translation>左に 90° 回転</translation>
    </message>
    <message>
      <source>Rotate 90° ri&amp;ght</source>
      <translation>右に 90° 回転(&amp;G)</translation>
    </message>
    <message>
      <source>Rotate 90° right</source>
      <translation>右に 90° 回転</translation>
    </message>
    <message>
      <source>Run this last</source>
      <translation>最後に実行</translation>
    </message>
    <message>
      <source>Run this next</source>
      <translation>次に実行</translation>
    </message>
    <message>
      <source>Runs</source>
      <translation>実行一覧</translation>
    </message>
    <message>
      <source>S&amp;lider</source>
      <translation>スライダー(&amp;L)</translation>
    </message>
    <message>
      <source>Sample of what {name} draws</source>
      <translation>{name} の作例</translation>
    </message>
    <message>
      <source>Save &amp;as…</source>
      <translation>名前を付けて保存(&amp;A)…</translation>
    </message>
    <message>
      <source>Save elsewhere…</source>
      <translation>別の場所に保存…</translation>
    </message>
    <message>
      <source>Save the mask</source>
      <translation>マスクを保存</translation>
    </message>
    <message>
      <source>Save the project</source>
      <translation>プロジェクトを保存</translation>
    </message>
    <message>
      <source>Save the project under another name, and go on with that one</source>
      <translation>別の名前で保存し、以後はそのプロジェクトで続けます</translation>
    </message>
    <message>
      <source>Save the project: layers, variations, mask, prompt and every step, in a file that Krita and GIMP open</source>
      <translation>プロジェクトを保存します。レイヤー、バリエーション、マスク、プロンプト、全ステップが、Krita や GIMP で開けるファイルに入ります</translation>
    </message>
    <message>
      <source>Save these settings</source>
      <translation>この設定を保存</translation>
    </message>
    <message>
      <source>Save these settings as…</source>
      <translation>この設定に名前を付けて保存…</translation>
    </message>
    <message>
      <source>Save “{title}” before it is closed?</source>
      <translation>閉じる前に「{title}」を保存しますか?</translation>
    </message>
    <message>
      <source>Saved {name} in {folder}.</source>
      <translation>{folder} に {name} を保存しました。</translation>
    </message>
    <message>
      <source>Saving here replaces what is in the file now by what you see.</source>
      <translation>ここに保存すると、ファイルの今の内容が表示中の内容に置き換わります。</translation>
    </message>
    <message>
      <source>Saving {name}… You can go on painting.</source>
      <translation>{name} を保存しています… 描き続けてかまいません。</translation>
    </message>
    <message>
      <source>Scale the whole picture with all its layers</source>
      <translation>画像全体をすべてのレイヤーごと拡大縮小します</translation>
    </message>
    <message>
      <source>Search commands</source>
      <translation>コマンドを検索</translation>
    </message>
    <message>
      <source>Search commands and keys</source>
      <translation>コマンドとキーを検索</translation>
    </message>
    <message>
      <source>Search earlier prompts</source>
      <translation>以前のプロンプトを検索</translation>
    </message>
    <message>
      <source>Search prompts, models, seeds</source>
      <translation>プロンプト、モデル、シードを検索</translation>
    </message>
    <message>
      <source>Search the history</source>
      <translation>履歴を検索</translation>
    </message>
    <message>
      <source>Search the words</source>
      <translation>単語を検索</translation>
    </message>
    <message>
      <source>See the picture as a mirror shows it, to find its faults; the picture itself is not changed</source>
      <translation>鏡に映したように表示して、狂いを見つけます。画像は変わりません</translation>
    </message>
    <message>
      <source>See the picture without its newest result</source>
      <translation>最新の結果がない画像を見る</translation>
    </message>
    <message>
      <source>See, search and change the keys of all commands</source>
      <translation>すべてのコマンドのキーを確認、検索、変更します</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>シード</translation>
    </message>
    <message>
      <source>Seed {seed}</source>
      <translation>シード {seed}</translation>
    </message>
    <message>
      <source>Select a picture and press S to star it.</source>
      <translation>画像を選んで S を押すとスターが付きます。</translation>
    </message>
    <message>
      <source>Set the view &amp;upright</source>
      <translation>表示の回転を戻す(&amp;U)</translation>
    </message>
    <message>
      <source>Share to re-roll</source>
      <translation>引き直す割合</translation>
    </message>
    <message>
      <source>Shift+[  and  Shift+]</source>
      <translation>Shift+[  と  Shift+]</translation>
    </message>
    <message>
      <source>Shift+click</source>
      <translation>Shift+クリック</translation>
    </message>
    <message>
      <source>Shift+wheel</source>
      <translation>Shift+ホイール</translation>
    </message>
    <message>
      <source>Shift, Alt while dragging an area</source>
      <translation>範囲のドラッグ中に Shift、Alt</translation>
    </message>
    <message>
      <source>Shift, Alt, Shift+Alt at the start of an area</source>
      <translation>範囲の開始時に Shift、Alt、Shift+Alt</translation>
    </message>
    <message>
      <source>Show &amp;mask</source>
      <translation>マスクを表示(&amp;M)</translation>
    </message>
    <message>
      <source>Show all layers</source>
      <translation>すべてのレイヤーを表示</translation>
    </message>
    <message>
      <source>Show at 100 % (Ctrl+1)</source>
      <translation>100 % で表示(Ctrl+1)</translation>
    </message>
    <message>
      <source>Show each pixel of the picture as one pixel of the screen</source>
      <translation>画像の 1 ピクセルを画面の 1 ピクセルで表示します</translation>
    </message>
    <message>
      <source>Show how sure the model was: orange cells are doubtful, dark ones not decided yet</source>
      <translation>モデルの確信度を表示。オレンジは自信のないセル、暗いセルは未確定です</translation>
    </message>
    <message>
      <source>Show in its folder</source>
      <translation>フォルダーで表示</translation>
    </message>
    <message>
      <source>Show it among the models again; its files are here</source>
      <translation>もう一度モデルの一覧に出します。ファイルはここにあります</translation>
    </message>
    <message>
      <source>Show layer</source>
      <translation>レイヤーを表示</translation>
    </message>
    <message>
      <source>Show layers</source>
      <translation>レイヤーを表示</translation>
    </message>
    <message>
      <source>Show on the canvas how the picture came about, step by step</source>
      <translation>画像ができるまでをキャンバスで一歩ずつ再生します</translation>
    </message>
    <message>
      <source>Show only this layer</source>
      <translation>このレイヤーだけを表示</translation>
    </message>
    <message>
      <source>Show or &amp;hide layer</source>
      <translation>レイヤーの表示/非表示(&amp;H)</translation>
    </message>
    <message>
      <source>Show or hide the mask; it stays in force while it is hidden</source>
      <translation>マスクの表示を切り替えます。隠れていても有効です</translation>
    </message>
    <message>
      <source>Show or hide: {what}</source>
      <translation>表示/非表示: {what}</translation>
    </message>
    <message>
      <source>Show starred pictures only</source>
      <translation>スター付きの画像だけを表示</translation>
    </message>
    <message>
      <source>Show the &amp;frame</source>
      <translation>フレームを表示(&amp;F)</translation>
    </message>
    <message>
      <source>Show the mask</source>
      <translation>マスクを表示</translation>
    </message>
    <message>
      <source>Show the mask's edge without a colour over the picture</source>
      <translation>画像に色を重ねず、マスクの縁だけを表示します</translation>
    </message>
    <message>
      <source>Show the model's &amp;cells</source>
      <translation>モデルのセルを表示(&amp;C)</translation>
    </message>
    <message>
      <source>Show the model's cells</source>
      <translation>モデルのセルを表示</translation>
    </message>
    <message>
      <source>Show the next picture that this result has made</source>
      <translation>この結果の次の画像を表示します</translation>
    </message>
    <message>
      <source>Show the oldest first</source>
      <translation>古い順に表示</translation>
    </message>
    <message>
      <source>Show the picture alone</source>
      <translation>画像だけを表示します</translation>
    </message>
    <message>
      <source>Show the picture before it that this result has made</source>
      <translation>この結果の前の画像を表示します</translation>
    </message>
    <message>
      <source>Show the picture larger</source>
      <translation>画像を大きく表示します</translation>
    </message>
    <message>
      <source>Show the picture smaller</source>
      <translation>画像を小さく表示します</translation>
    </message>
    <message>
      <source>Show the square that the model sees as large as fits</source>
      <translation>モデルが見る正方形をできるだけ大きく表示します</translation>
    </message>
    <message>
      <source>Show the square that the model sees while you paint; its own tool always shows it</source>
      <translation>描いている間もモデルが見る正方形を表示します。フレームツールでは常に表示されます</translation>
    </message>
    <message>
      <source>Show the whole picture</source>
      <translation>画像全体を表示します</translation>
    </message>
    <message>
      <source>Show what was there before the active layer at the picture's side</source>
      <translation>アクティブなレイヤーの前の状態を隣に表示します</translation>
    </message>
    <message>
      <source>Show which cells of the model the mask touches: whole cells are made anew</source>
      <translation>マスクが触れるモデルのセルを表示します。セルごとに作り直されます</translation>
    </message>
    <message>
      <source>Show {what}</source>
      <translation>{what}を表示</translation>
    </message>
    <message>
      <source>Shows the commands whose name, menu or keys fit</source>
      <translation>名前、メニュー、キーが一致するコマンドを表示します</translation>
    </message>
    <message>
      <source>Shrink the mask</source>
      <translation>マスクを縮小</translation>
    </message>
    <message>
      <source>Side &amp;by side</source>
      <translation>並べて表示(&amp;B)</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>サイズ</translation>
    </message>
    <message>
      <source>Small files that teach the model a style or a subject. Drop them here, or add them.</source>
      <translation>モデルに画風や題材を教える小さなファイルです。ここにドロップするか、追加してください。</translation>
    </message>
    <message>
      <source>Smaller and larger brush</source>
      <translation>ブラシを小さく/大きく</translation>
    </message>
    <message>
      <source>Soften its edge over</source>
      <translation>縁をぼかす幅</translation>
    </message>
    <message>
      <source>Soften the mask's edge, so that the result blends into the picture</source>
      <translation>マスクの縁を柔らかくし、結果を画像になじませます</translation>
    </message>
    <message>
      <source>Softer and harder brush</source>
      <translation>ブラシを柔らかく/硬く</translation>
    </message>
    <message>
      <source>Some of these tokens are not decided yet. Continue that decode to its end first.</source>
      <translation>まだ確定していないトークンがあります。先にそのデコードを最後まで進めてください。</translation>
    </message>
    <message>
      <source>Something went wrong inside the model while working on {0}. Try again; if it returns, report it.</source>
      <translation>{0}の処理中にモデル内部で問題が起きました。もう一度試し、再発するようなら報告してください。</translation>
    </message>
    <message>
      <source>Space shows or hides, F2 renames, left and right choose a variation, Alt with up and down moves</source>
      <translation>Space で表示/非表示、F2 で名前変更、左右キーでバリエーション選択、Alt+上下キーで移動</translation>
    </message>
    <message>
      <source>Space+drag or middle-drag</source>
      <translation>Space+ドラッグ または 中ボタンドラッグ</translation>
    </message>
    <message>
      <source>Speed</source>
      <translation>速度</translation>
    </message>
    <message>
      <source>Square or circle, from the middle</source>
      <translation>正方形や正円、中心から</translation>
    </message>
    <message>
      <source>Square, {side} × {side}</source>
      <translation>正方形、{side} × {side}</translation>
    </message>
    <message>
      <source>Star	S</source>
      <translation>スターを付ける	S</translation>
    </message>
    <message>
      <source>Start with a picture or a prompt</source>
      <translation>画像かプロンプトから始めましょう</translation>
    </message>
    <message>
      <source>Starting the worker.</source>
      <translation>ワーカーを起動しています。</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>ステップ</translation>
    </message>
    <message>
      <source>Step as a layer</source>
      <translation>ステップをレイヤーに</translation>
    </message>
    <message>
      <source>Step {number} of {total}</source>
      <translation>ステップ {number} / {total}</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>ステップ</translation>
    </message>
    <message>
      <source>Steps a se&amp;cond</source>
      <translation>毎秒のステップ数(&amp;C)</translation>
    </message>
    <message>
      <source>Steps a second</source>
      <translation>毎秒のステップ数</translation>
    </message>
    <message>
      <source>Steps, guidance and temperature</source>
      <translation>ステップ、ガイダンス、温度</translation>
    </message>
    <message>
      <source>Sticker</source>
      <translation>ステッカー</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Stop after this step; the picture stays as it was</source>
      <translation>このステップで止めます。画像は元のままです</translation>
    </message>
    <message>
      <source>Stop after this step; the picture stays as it was (Esc)</source>
      <translation>このステップで止めます。画像は元のままです(Esc)</translation>
    </message>
    <message>
      <source>Stop fetching, and choose what becomes of what has come</source>
      <translation>取得を止め、届いた分をどうするか選びます</translation>
    </message>
    <message>
      <source>Stop fetching; what has come is kept, also when the program is closed</source>
      <translation>取得を止めます。届いた分は、プログラムを閉じても残ります</translation>
    </message>
    <message>
      <source>Stop verifying</source>
      <translation>検証を中止</translation>
    </message>
    <message>
      <source>Stop what runs and forget what waits; the picture stays as it is</source>
      <translation>実行中のものを止め、待機中のものを取り消します。画像はそのままです</translation>
    </message>
    <message>
      <source>Stop what runs and forget what waits; the picture stays as it was</source>
      <translation>実行中のものを止め、待機中のものを取り消します。画像は元のままです</translation>
    </message>
    <message>
      <source>Stop writing; no file is left</source>
      <translation>書き出しを中止します。ファイルは残りません</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>停止しています…</translation>
    </message>
    <message>
      <source>Straight line from the last dab</source>
      <translation>前回の位置から直線を引く</translation>
    </message>
    <message>
      <source>Strength</source>
      <translation>強度</translation>
    </message>
    <message>
      <source>Strength of {name}</source>
      <translation>{name} の強さ</translation>
    </message>
    <message>
      <source>Styles</source>
      <translation>画風</translation>
    </message>
    <message>
      <source>Swap brush and eraser</source>
      <translation>ブラシと消しゴムを切り替え</translation>
    </message>
    <message>
      <source>Switch a LoRA</source>
      <translation>LoRA の切り替え</translation>
    </message>
    <message>
      <source>Switch it off to see the picture without it</source>
      <translation>オフにすると、これなしの画像を確かめられます</translation>
    </message>
    <message>
      <source>TPU (XLA)</source>
      <translation>TPU (XLA)</translation>
    </message>
    <message>
      <source>Take a LoRA off</source>
      <translation>LoRA を外す</translation>
    </message>
    <message>
      <source>Take a picture as the mask: its transparency if it has any, else what is bright in it</source>
      <translation>画像をマスクにします。透明部分があればそれを、なければ明るい部分を使います</translation>
    </message>
    <message>
      <source>Take all keys from the command; the menus and the command palette still have it</source>
      <translation>コマンドからすべてのキーを外します。メニューとコマンドパレットからは引き続き使えます</translation>
    </message>
    <message>
      <source>Take away from the mask (Alt)</source>
      <translation>マスクから除外(Alt)</translation>
    </message>
    <message>
      <source>Take back all turning of the view</source>
      <translation>表示の回転をすべて戻します</translation>
    </message>
    <message>
      <source>Take back the last stroke, change or result</source>
      <translation>直前のストローク、変更、結果を取り消します</translation>
    </message>
    <message>
      <source>Take it off this list; files are deleted only if you say so</source>
      <translation>一覧から外します。ファイルは指示があったときだけ削除します</translation>
    </message>
    <message>
      <source>Take parts of the mask away</source>
      <translation>マスクの一部を消します</translation>
    </message>
    <message>
      <source>Take the layer away; undo brings it back</source>
      <translation>レイヤーを削除します。元に戻せます</translation>
    </message>
    <message>
      <source>Take the star off	S</source>
      <translation>スターを外す	S</translation>
    </message>
    <message>
      <source>Take the whole mask away; the picture stays as it is</source>
      <translation>マスクをすべて消します。画像はそのままです</translation>
    </message>
    <message>
      <source>Take this LoRA off the list</source>
      <translation>この LoRA をリストから外す</translation>
    </message>
    <message>
      <source>Teach a published model a style or a subject by a small file, at the strength you choose</source>
      <translation>小さなファイルで公開モデルに画風や題材を教えます。強さは選べます</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>温度</translation>
    </message>
    <message>
      <source>That address is not secure: on the way somebody could exchange files and hashes alike.</source>
      <translation>そのアドレスは安全ではありません。途中で誰かがファイルもハッシュもすり替えられます。</translation>
    </message>
    <message>
      <source>That is plenty.</source>
      <translation>十分です。</translation>
    </message>
    <message>
      <source>That is too little: before the first step you would be told so.</source>
      <translation>足りません。最初のステップの前にお知らせします。</translation>
    </message>
    <message>
      <source>The &amp;whole picture, {width} × {height} px</source>
      <translation>画像全体、{width} × {height} px(&amp;W)</translation>
    </message>
    <message>
      <source>The GPU stopped working. Start the worker again, or choose the CPU as device.</source>
      <translation>GPU が動作を停止しました。ワーカーを起動し直すか、デバイスに CPU を選んでください。</translation>
    </message>
    <message>
      <source>The LoRA “{0}” cannot be used: {1}. Choose another, or none.</source>
      <translation>LoRA「{0}」は使えません: {1}。別のものを選ぶか、使わずに続けてください。</translation>
    </message>
    <message>
      <source>The address {0} does not say which state of {1} it offers.</source>
      <translation>アドレス {0} は、{1} のどの版を提供しているのかを示しません。</translation>
    </message>
    <message>
      <source>The base stage only: less detail, less memory</source>
      <translation>構図の段階のみ: ディテールもメモリも少なめ</translation>
    </message>
    <message>
      <source>The brush must be {0} to {1} px wide.</source>
      <translation>ブラシの太さは {0} から {1} px でなければなりません。</translation>
    </message>
    <message>
      <source>The canvas</source>
      <translation>キャンバス</translation>
    </message>
    <message>
      <source>The canvas has changed since “{name}” was asked for, so the result was not added. It is kept in the history.</source>
      <translation>「{name}」を頼んだあとでキャンバスが変わったため、結果は追加しませんでした。履歴には残っています。</translation>
    </message>
    <message>
      <source>The canvas stays as it is.</source>
      <translation>キャンバスはそのままです。</translation>
    </message>
    <message>
      <source>The cascade that ships with the program cannot be removed.</source>
      <translation>付属のカスケードは取り除けません。</translation>
    </message>
    <message>
      <source>The clipboard holds no picture. Copy a PNG, JPEG or WebP first.</source>
      <translation>クリップボードに画像がありません。先に PNG、JPEG、WebP をコピーしてください。</translation>
    </message>
    <message>
      <source>The clipboard holds no picture. Copy a PNG, JPEG or WebP.</source>
      <translation>クリップボードに画像がありません。PNG、JPEG、WebP をコピーしてください。</translation>
    </message>
    <message>
      <source>The colour profile is damaged or does not fit and was ignored.</source>
      <translation>カラープロファイルが壊れているか合わないため、無視しました。</translation>
    </message>
    <message>
      <source>The connection to {0} failed. Check the network, and try again: what has come is kept.</source>
      <translation>{0} に接続できませんでした。ネットワークを確認して、もう一度試してください。届いた分は残っています。</translation>
    </message>
    <message>
      <source>The connection was lost. It is tried again in a moment.</source>
      <translation>接続が切れました。まもなくもう一度試します。</translation>
    </message>
    <message>
      <source>The decode was written to “{name}”.</source>
      <translation>デコードを「{name}」に書き出しました。</translation>
    </message>
    <message>
      <source>The device is changed as soon as this picture is finished.</source>
      <translation>この画像が終わり次第、デバイスを切り替えます。</translation>
    </message>
    <message>
      <source>The device is known once the model is loaded.</source>
      <translation>モデルを読み込むとデバイスが分かります。</translation>
    </message>
    <message>
      <source>The download could not be started. Start the program again, and try once more.</source>
      <translation>取得を始められませんでした。プログラムを起動し直して、もう一度試してください。</translation>
    </message>
    <message>
      <source>The download has ended unexpectedly. What has come is kept: try again.</source>
      <translation>取得が予期せず終わりました。届いた分は残っています。もう一度試してください。</translation>
    </message>
    <message>
      <source>The fastest that is there: a GPU, else the processor</source>
      <translation>一番速いもの。GPU、なければプロセッサー</translation>
    </message>
    <message>
      <source>The file has changed</source>
      <translation>ファイルが変更されています</translation>
    </message>
    <message>
      <source>The file of the LoRA “{name}” is not known on this computer. Add it under “LoRAs”, or switch it off there.</source>
      <translation>このコンピューターでは LoRA「{name}」のファイルの場所が分かりません。「追加学習(LoRA)」でファイルを追加するか、オフにしてください。</translation>
    </message>
    <message>
      <source>The frame lies outside the picture. Move it so that it covers a part of it.</source>
      <translation>フレームが画像の外にあります。画像に重なるように動かしてください。</translation>
    </message>
    <message>
      <source>The graphics of a Mac with Apple silicon</source>
      <translation>Apple シリコン Mac のグラフィック</translation>
    </message>
    <message>
      <source>The history takes {used} of {most} GB. When it is full, its oldest pictures are deleted. Star those that shall stay.</source>
      <translation>履歴は {most} GB のうち {used} GB を使っています。いっぱいになると古い画像から削除されます。残したいものにはスターを付けてください。</translation>
    </message>
    <message>
      <source>The history was full: its {count} oldest pictures without a star were deleted.</source>
      <translation>履歴がいっぱいになったため、スターのない古い画像を {count} 枚削除しました。</translation>
    </message>
    <message>
      <source>The job has finished, but its picture is closed. What was made is kept in the history.</source>
      <translation>ジョブは終わりましたが、対象の画像は閉じられています。できた画像は履歴に残っています。</translation>
    </message>
    <message>
      <source>The layer “{0}” doesn't fit together: its pixels are of another size than its place.</source>
      <translation>レイヤー「{0}」は、ピクセルと配置の大きさが一致していません。</translation>
    </message>
    <message>
      <source>The licence was {name} when this program was made. Read the new one first.</source>
      <translation>このプログラムが作られたときのライセンスは {name} でした。まず新しいものを読んでください。</translation>
    </message>
    <message>
      <source>The list holds {0} cascades already. Remove one first.</source>
      <translation>一覧にはすでに {0} 個のカスケードがあります。先に 1 つ取り除いてください。</translation>
    </message>
    <message>
      <source>The list of files is damaged. Try again later, or another address.</source>
      <translation>ファイルの一覧が壊れています。後でもう一度試すか、別のアドレスを使ってください。</translation>
    </message>
    <message>
      <source>The list of published cascades is missing or damaged. Install the program again.</source>
      <translation>公開カスケードの一覧がないか、壊れています。プログラムをもう一度インストールしてください。</translation>
    </message>
    <message>
      <source>The mask &amp;now</source>
      <translation>今のマスク(&amp;N)</translation>
    </message>
    <message>
      <source>The mask is painted already; only what is under it changes.</source>
      <translation>マスクはもう塗ってあります。変わるのはその下だけです。</translation>
    </message>
    <message>
      <source>The mask must have {0} pixels like the picture.</source>
      <translation>マスクは画像と同じ {0} ピクセルでなければなりません。</translation>
    </message>
    <message>
      <source>The mask “{0}” has {1} pixels, the picture {2}. Make them the same size.</source>
      <translation>マスク「{0}」は {1} ピクセル、画像は {2} ピクセルです。同じ大きさにしてください。</translation>
    </message>
    <message>
      <source>The model computes in int8 here, where LoRAs can't be changed. These rest.</source>
      <translation>ここではモデルを int8 で計算しているため、LoRA を変更できません。リストの LoRA は使われません。</translation>
    </message>
    <message>
      <source>The model computes in int8, in which LoRAs cannot be changed any more. Load it in other numbers, or use none.</source>
      <translation>モデルを int8 で計算しているため、LoRA はもう変更できません。別の数値形式で読み込むか、LoRA なしで使ってください。</translation>
    </message>
    <message>
      <source>The model has changed nothing.</source>
      <translation>モデルは何も変えませんでした。</translation>
    </message>
    <message>
      <source>The model has not learned these words.</source>
      <translation>モデルはこの言葉を学習していません。</translation>
    </message>
    <message>
      <source>The model in use takes no LoRAs. These rest until one is chosen that does, such as aMUSEd.</source>
      <translation>使用中のモデルでは LoRA を使えません。aMUSEd など使えるモデルを選ぶまで、リストの LoRA は使われません。</translation>
    </message>
    <message>
      <source>The model takes {model}, and {free} are free. What a picture takes beside it is not told.</source>
      <translation>モデルは {model} を使い、空きは {free} です。画像 1 枚に加えて必要な量は示されません。</translation>
    </message>
    <message>
      <source>The model takes {model}, making this {job} more; {free} are left for it.</source>
      <translation>モデルに {model}、生成にさらに {job} 必要で、使えるのは {free} です。</translation>
    </message>
    <message>
      <source>The orientation tag is damaged; the picture is shown as stored.</source>
      <translation>向きの情報が壊れているため、記録どおりに表示しています。</translation>
    </message>
    <message>
      <source>The painted mask lies outside the frame, so the model can't see it. Move the frame over it.</source>
      <translation>マスクがフレームの外にあり、モデルから見えません。フレームを重ねてください。</translation>
    </message>
    <message>
      <source>The picture cannot be used: {0}.</source>
      <translation>この画像は使えません: {0}。</translation>
    </message>
    <message>
      <source>The picture is finished</source>
      <translation>画像が完成しました</translation>
    </message>
    <message>
      <source>The picture is too large for a Photoshop file, which holds 2 GB. Merge some layers, or scale it down.</source>
      <translation>画像が Photoshop ファイルの上限 2 GB を超えています。レイヤーを結合するか縮小してください。</translation>
    </message>
    <message>
      <source>The picture stays as it is.</source>
      <translation>画像はそのままです。</translation>
    </message>
    <message>
      <source>The picture that this was for is not there any more.</source>
      <translation>対象の画像はもうありません。</translation>
    </message>
    <message>
      <source>The picture was cancelled</source>
      <translation>画像の生成をキャンセルしました</translation>
    </message>
    <message>
      <source>The picture's pixels have an unknown layout.</source>
      <translation>画像のピクセル配置が不明です。</translation>
    </message>
    <message>
      <source>The pictures are in {folder}.</source>
      <translation>画像は {folder} にあります。</translation>
    </message>
    <message>
      <source>The project cannot be saved: {0}.</source>
      <translation>プロジェクトを保存できません: {0}。</translation>
    </message>
    <message>
      <source>The prompt was cut to {0} characters; the last {1} are not used.</source>
      <translation>プロンプトを {0} 文字に切り詰めました。末尾の {1} 文字は使われません。</translation>
    </message>
    <message>
      <source>The request cannot be run: {0}.</source>
      <translation>この要求は実行できません: {0}。</translation>
    </message>
    <message>
      <source>The run “{name}” was removed.</source>
      <translation>実行「{name}」を取り除きました。</translation>
    </message>
    <message>
      <source>The same seed and settings give the same picture</source>
      <translation>同じシードと設定なら同じ画像になります</translation>
    </message>
    <message>
      <source>The size of “{0}” is not told. Try again later, or another address.</source>
      <translation>「{0}」のサイズが示されていません。後でもう一度試すか、別のアドレスを使ってください。</translation>
    </message>
    <message>
      <source>The size that it was made for</source>
      <translation>このモデル本来のサイズ</translation>
    </message>
    <message>
      <source>The square that the model sees, at the model's own size</source>
      <translation>モデルが見る正方形を、モデルのサイズで</translation>
    </message>
    <message>
      <source>The steps from here on are drawn by other chances</source>
      <translation>ここから先のステップは別の乱数で描かれます</translation>
    </message>
    <message>
      <source>The steps kept in this project cannot be read: they are damaged or of a newer Muse Studio.</source>
      <translation>このプロジェクトに残されたステップを読み込めません。壊れているか、新しい Muse Studio のものです。</translation>
    </message>
    <message>
      <source>The studio and its worker misunderstood each other; start the worker again, and if this returns, report it.</source>
      <translation>スタジオとワーカーの通信が食い違いました。ワーカーを起動し直し、再発するようなら報告してください。</translation>
    </message>
    <message>
      <source>The studio ended before this was saved</source>
      <translation>保存する前にスタジオが終了しました</translation>
    </message>
    <message>
      <source>The system ended the worker in the middle of this job, perhaps for lack of memory.</source>
      <translation>このジョブの途中で、おそらくメモリ不足のため、システムがワーカーを終了させました。</translation>
    </message>
    <message>
      <source>The system's language, if the studio speaks it; else English</source>
      <translation>対応していればシステムの言語、なければ英語を使います</translation>
    </message>
    <message>
      <source>The theme's colour</source>
      <translation>テーマの色</translation>
    </message>
    <message>
      <source>The tokens to begin from are damaged or no tokens at all.</source>
      <translation>開始用のトークンが壊れているか、トークンではありません。</translation>
    </message>
    <message>
      <source>The tokens to begin from are not those of {0} px.</source>
      <translation>始点となるトークンは {0} px の画像のものではありません。</translation>
    </message>
    <message>
      <source>The transformer/config.json of “{0}” is damaged. Fetch the cascade again.</source>
      <translation>「{0}」の transformer/config.json が壊れています。カスケードを取得し直してください。</translation>
    </message>
    <message>
      <source>The view is turned: press to set it upright (5)</source>
      <translation>表示が回転しています。押すと元に戻ります(5)</translation>
    </message>
    <message>
      <source>The weights of “{0}” are split into several files. Fetch the cascade where they are one.</source>
      <translation>「{0}」の重みが複数のファイルに分かれています。1 つのファイルになっているカスケードを取得してください。</translation>
    </message>
    <message>
      <source>The worker could not be started, in {0} tries. Try again with Restart; if that does not help, run “muse-studio doctor”, which says what is missing.</source>
      <translation>ワーカーを {0} 回試しても起動できませんでした。「再起動」でもう一度試してください。だめなら「muse-studio doctor」を実行すると、足りないものが分かります。</translation>
    </message>
    <message>
      <source>The worker did not answer.</source>
      <translation>ワーカーが応答しませんでした。</translation>
    </message>
    <message>
      <source>The worker did not stop when asked and was ended.</source>
      <translation>ワーカーが停止の求めに応じなかったため、終了させました。</translation>
    </message>
    <message>
      <source>The worker ended: {0}
{1}</source>
      <translation>ワーカーが終了しました: {0}
{1}</translation>
    </message>
    <message>
      <source>The worker has not answered for some seconds. Wait for it, or start it again; your picture is safe.</source>
      <translation>ワーカーが数秒間応答していません。待つか、起動し直してください。画像は安全です。</translation>
    </message>
    <message>
      <source>The worker is closed.</source>
      <translation>ワーカーは終了しています。</translation>
    </message>
    <message>
      <source>The worker is not started.</source>
      <translation>ワーカーは起動していません。</translation>
    </message>
    <message>
      <source>The worker said nothing after its start.</source>
      <translation>ワーカーが起動後に応答しませんでした。</translation>
    </message>
    <message>
      <source>The worker stopped and is being started again. Your picture is unharmed.</source>
      <translation>ワーカーが停止したため、起動し直しています。画像は無事です。</translation>
    </message>
    <message>
      <source>The worker stopped in the middle of this job.</source>
      <translation>このジョブの途中でワーカーが停止しました。</translation>
    </message>
    <message>
      <source>The worker stopped while it looked at the LoRA. Add the file again.</source>
      <translation>LoRA を調べている間にワーカーが停止しました。ファイルをもう一度追加してください。</translation>
    </message>
    <message>
      <source>The worker was exchanged for another.</source>
      <translation>ワーカーを別のものに交代しました。</translation>
    </message>
    <message>
      <source>The {0} has {1} characters; shorten it to {2}.</source>
      <translation>{0}が {1} 文字あります。{2} 文字以内にしてください。</translation>
    </message>
    <message>
      <source>The {0} holds unreadable characters; remove them.</source>
      <translation>{0}に読めない文字が含まれています。取り除いてください。</translation>
    </message>
    <message>
      <source>The {0} is longer than the {1} tokens this model reads; what comes after them had no effect.</source>
      <translation>{0}がこのモデルの読める {1} トークンより長いため、その先は反映されませんでした。</translation>
    </message>
    <message>
      <source>The {0} must be text.</source>
      <translation>{0}は文字列でなければなりません。</translation>
    </message>
    <message>
      <source>The {0} must be {1} bytes; this one is {2} {3}.</source>
      <translation>{0}は {1} バイトでなければなりませんが、これは {2} {3} です。</translation>
    </message>
    <message>
      <source>The {0} of “{1}” is damaged. Fetch the cascade again.</source>
      <translation>「{1}」の {0} が壊れています。カスケードを入手し直してください。</translation>
    </message>
    <message>
      <source>There are more than {0} files in this folder. Choose the cascade's own.</source>
      <translation>このフォルダーには {0} 個を超えるファイルがあります。カスケードそのもののフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>There is a folder “{0}” already. Move it away, or choose another place.</source>
      <translation>フォルダー「{0}」がすでにあります。移動するか、別の場所を選んでください。</translation>
    </message>
    <message>
      <source>There is no cascade “{0}”. These are known: {1}. A folder's path will do too.</source>
      <translation>カスケード「{0}」はありません。使えるのは {1} です。フォルダーのパスも指定できます。</translation>
    </message>
    <message>
      <source>There is no folder “{0}”. It may have been moved or deleted.</source>
      <translation>フォルダー「{0}」がありません。移動または削除された可能性があります。</translation>
    </message>
    <message>
      <source>There is no model in “{0}”: it holds neither {1}, as this program's own models do, nor {2}, as published ones do. Choose the folder that has one of them.</source>
      <translation>「{0}」にモデルはありません。このプログラムのモデルにある {1} も、公開モデルにある {2} もありません。どちらかがあるフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>There is no picture in this run that could be written.</source>
      <translation>この実行には書き出せる画像がありません。</translation>
    </message>
    <message>
      <source>There is no picture yet. Make a new one, or open one.</source>
      <translation>まだ画像がありません。新しく作るか、開いてください。</translation>
    </message>
    <message>
      <source>There is no published cascade “{0}” in the list. These can be fetched: {1}.</source>
      <translation>公開カスケード「{0}」は一覧にありません。取得できるのは {1} です。</translation>
    </message>
    <message>
      <source>There is no trash that takes them, so they cannot be brought back.</source>
      <translation>ここにはごみ箱がないため、元に戻せません。</translation>
    </message>
    <message>
      <source>There is no unsaved work to recover.</source>
      <translation>復元できる未保存の作業はありません。</translation>
    </message>
    <message>
      <source>There is no {0} {1} to offer.</source>
      <translation>提案できる {0} {1} がありません。</translation>
    </message>
    <message>
      <source>There is not enough memory on {0} for {1}: it takes {2} more and {3} are free. To make it, {4}, or close other programs.</source>
      <translation>{0}のメモリが{1}には足りません。あと {2} 必要ですが、空きは {3} です。{4}か、ほかのプログラムを閉じてください。</translation>
    </message>
    <message>
      <source>There is not enough memory to open “{0}”. Close other pictures and programs.</source>
      <translation>「{0}」を開くにはメモリが足りません。ほかの画像やプログラムを閉じてください。</translation>
    </message>
    <message>
      <source>There is not enough memory to open “{0}”. Close something, or scale it down.</source>
      <translation>「{0}」を開くにはメモリが足りません。何かを閉じるか、縮小してください。</translation>
    </message>
    <message>
      <source>There is not enough memory{0} for {1}: {2}, or close other programs.</source>
      <translation>{1}にはメモリ{0}が足りません。{2}か、ほかのプログラムを閉じてください。</translation>
    </message>
    <message>
      <source>There is nothing on the canvas to compare with.</source>
      <translation>キャンバスに比較するものがありません。</translation>
    </message>
    <message>
      <source>There is nothing to crop to: the area lies outside the picture. Move it over the picture.</source>
      <translation>範囲が画像の外にあるため切り抜けません。画像の上に動かしてください。</translation>
    </message>
    <message>
      <source>There is nothing to extend: say by how many pixels with --left, --top, --right or --bottom.</source>
      <translation>拡張する量がありません。--left、--top、--right、--bottom でピクセル数を指定してください。</translation>
    </message>
    <message>
      <source>There is too little room on the disk. Free {amount}, and ask again.</source>
      <translation>ディスクの空きが足りません。{amount} 空けて、もう一度問い合わせてください。</translation>
    </message>
    <message>
      <source>These files can run code when they are opened, and never are: {names}</source>
      <translation>次のファイルは開くとコードを実行できるため、決して開きません: {names}</translation>
    </message>
    <message>
      <source>These files in {folder} cannot be read:</source>
      <translation>{folder} の次のファイルは読み込めません:</translation>
    </message>
    <message>
      <source>These steps are not this model's. Choose “{name}”, which made them, to go on from one.</source>
      <translation>これらのステップは今のモデルのものではありません。続きを作るには、作ったモデル「{name}」を選んでください。</translation>
    </message>
    <message>
      <source>These tokens are not this model's: {0}. Choose the model they were made with.</source>
      <translation>このモデルのトークンではありません: {0}。作成に使ったモデルを選んでください。</translation>
    </message>
    <message>
      <source>These tokens are of a picture of {0} × {1}. Choose the size {2}.</source>
      <translation>これらのトークンは {0} × {1} の画像のものです。サイズ {2} を選んでください。</translation>
    </message>
    <message>
      <source>These tokens stand after iteration {0} of an edit of {1}. Ask for more iterations.</source>
      <translation>これらのトークンは、{1} 回の編集の {0} 回目の後のものです。反復回数を増やしてください。</translation>
    </message>
    <message>
      <source>They take {amount} in {folder}.</source>
      <translation>{folder} で {amount} を使っています。</translation>
    </message>
    <message>
      <source>Things</source>
      <translation>もの</translation>
    </message>
    <message>
      <source>This cascade lists “{0}”, which can run code when it is opened. Don't use it.</source>
      <translation>このカスケードには、開くとコードを実行できる「{0}」が含まれています。使わないでください。</translation>
    </message>
    <message>
      <source>This is what would be fetched. It begins when you accept the licence.</source>
      <translation>これが取得する内容です。ライセンスに同意すると始まります。</translation>
    </message>
    <message>
      <source>This job was lost because the worker was started again.</source>
      <translation>ワーカーを起動し直したため、このジョブは失われました。</translation>
    </message>
    <message>
      <source>This layer</source>
      <translation>このレイヤー</translation>
    </message>
    <message>
      <source>This layer isn't there any more.</source>
      <translation>このレイヤーはもうありません。</translation>
    </message>
    <message>
      <source>This model</source>
      <translation>このモデル</translation>
    </message>
    <message>
      <source>This model comes without a card.</source>
      <translation>このモデルにはカードがありません。</translation>
    </message>
    <message>
      <source>This model decides evenly over the picture and has no temperature. With a number the surest parts come first.</source>
      <translation>このモデルは画面全体から均等に決めていくため、温度はありません。数値を入れると、確かな部分から順に決まります。</translation>
    </message>
    <message>
      <source>This model makes pictures of one size.</source>
      <translation>このモデルが作る画像のサイズは一つだけです。</translation>
    </message>
    <message>
      <source>This model makes pictures of {0} px, not of {1}. Choose one of its sizes.</source>
      <translation>このモデルが作るのは {0} px の画像で、{1} px ではありません。そのサイズから選んでください。</translation>
    </message>
    <message>
      <source>This model works in one stage, so it has no detail to make anew. Re-roll the doubtful instead.</source>
      <translation>このモデルは一段階で描くので、作り直すディテールがありません。代わりに自信のない部分を引き直してください。</translation>
    </message>
    <message>
      <source>This needs a {0} of {1} values.</source>
      <translation>{1} 個の値の{0}が必要です。</translation>
    </message>
    <message>
      <source>This picture carries no settings.</source>
      <translation>この画像には設定が含まれていません。</translation>
    </message>
    <message>
      <source>This picture carries the prompt and settings that made it.</source>
      <translation>この画像には、作成時のプロンプトと設定が含まれています。</translation>
    </message>
    <message>
      <source>This project was made by a newer version of Muse Studio{0}. Its layers are shown; save it under another name to keep what only the newer version knows.</source>
      <translation>このプロジェクトは新しいバージョンの Muse Studio{0} で作られました。レイヤーを表示しています。新しいバージョンだけの内容を残すには、別の名前で保存してください。</translation>
    </message>
    <message>
      <source>This run began from a whole picture, so its steps are no places to go on from</source>
      <translation>この実行は画像全体から始まったため、途中のステップからは続けられません</translation>
    </message>
    <message>
      <source>This run began from a whole picture, so its steps are no places to go on from.</source>
      <translation>この実行は画像全体から始まったため、途中のステップからは続けられません。</translation>
    </message>
    <message>
      <source>This run is still being made. Cancel it first.</source>
      <translation>この実行はまだ生成中です。先にキャンセルしてください。</translation>
    </message>
    <message>
      <source>This step's picture was let go to save memory, and no model is ready to make it again.</source>
      <translation>このステップの画像はメモリ節約のため手放されました。作り直すモデルの準備ができていません。</translation>
    </message>
    <message>
      <source>Three things to try in the first minute</source>
      <translation>最初の 1 分で試せる 3 つのこと</translation>
    </message>
    <message>
      <source>Three things to try, pictures to begin with, and recent files</source>
      <translation>試せる 3 つのこと、始めるための画像、最近使ったファイル</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>タイムライン</translation>
    </message>
    <message>
      <source>To be read at</source>
      <translation>全文</translation>
    </message>
    <message>
      <source>Tolerance</source>
      <translation>許容値</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>ツール</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>もう一度</translation>
    </message>
    <message>
      <source>Try at {0} px</source>
      <translation>{0} px で試す</translation>
    </message>
    <message>
      <source>Try on the CPU</source>
      <translation>CPU で試す</translation>
    </message>
    <message>
      <source>Try one at a time</source>
      <translation>1 枚ずつ試す</translation>
    </message>
    <message>
      <source>Try {0} at once</source>
      <translation>{0} 枚ずつ試す</translation>
    </message>
    <message>
      <source>Turn of the view, press for upright</source>
      <translation>表示の回転。押すと元に戻ります</translation>
    </message>
    <message>
      <source>Turn the picture upside down</source>
      <translation>画像を 180° 回転します</translation>
    </message>
    <message>
      <source>Turn the picture with layers, mask and frame to the left</source>
      <translation>画像をレイヤー、マスク、フレームごと左に回転します</translation>
    </message>
    <message>
      <source>Turn the picture with layers, mask and frame to the right</source>
      <translation>画像をレイヤー、マスク、フレームごと右に回転します</translation>
    </message>
    <message>
      <source>Turn the view &amp;left</source>
      <translation>表示を左に回転(&amp;L)</translation>
    </message>
    <message>
      <source>Turn the view ri&amp;ght</source>
      <translation>表示を右に回転(&amp;G)</translation>
    </message>
    <message>
      <source>Turn the view, not the picture, by 15 degrees against the clock</source>
      <translation>画像ではなく表示を、反時計回りに 15 度回します</translation>
    </message>
    <message>
      <source>Turn the view, not the picture, by 15 degrees with the clock</source>
      <translation>画像ではなく表示を、時計回りに 15 度回します</translation>
    </message>
    <message>
      <source>Turn the view; with Alt too, by single degrees</source>
      <translation>表示を回転。Alt も押すと 1 度ずつ</translation>
    </message>
    <message>
      <source>Turtle</source>
      <translation>カメ</translation>
    </message>
    <message>
      <source>Two apples</source>
      <translation>リンゴ 2 つ</translation>
    </message>
    <message>
      <source>Two layers of this document have the same number, so it cannot be used.</source>
      <translation>このドキュメントには同じ番号のレイヤーが 2 つあるため使えません。</translation>
    </message>
    <message>
      <source>Two pictures to compare</source>
      <translation>比較する 2 枚の画像</translation>
    </message>
    <message>
      <source>Type a few letters of a command; the arrow keys choose, Enter does it</source>
      <translation>コマンド名の文字をいくつか入力し、矢印キーで選んで Enter で実行します</translation>
    </message>
    <message>
      <source>Type another name for the layer</source>
      <translation>レイヤーに別の名前を付けます</translation>
    </message>
    <message>
      <source>Type some words; Up and Down choose, Enter takes</source>
      <translation>言葉を入力し、上下キーで選んで Enter で使います</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>元に戻す</translation>
    </message>
    <message>
      <source>Unsaved changes</source>
      <translation>未保存の変更</translation>
    </message>
    <message>
      <source>Untitled</source>
      <translation>無題</translation>
    </message>
    <message>
      <source>Upper edge</source>
      <translation>上端</translation>
    </message>
    <message>
      <source>Upper left</source>
      <translation>左上</translation>
    </message>
    <message>
      <source>Upper right</source>
      <translation>右上</translation>
    </message>
    <message>
      <source>Use a preset</source>
      <translation>プリセットを使用</translation>
    </message>
    <message>
      <source>Use all its settings</source>
      <translation>すべての設定を使う</translation>
    </message>
    <message>
      <source>Use one of its settings</source>
      <translation>設定を選んで使う</translation>
    </message>
    <message>
      <source>Use other settings</source>
      <translation>別の設定を使う</translation>
    </message>
    <message>
      <source>Use the LoRA {name}</source>
      <translation>LoRA {name} を使う</translation>
    </message>
    <message>
      <source>Use the model's own</source>
      <translation>モデルの既定値を使う</translation>
    </message>
    <message>
      <source>Use them</source>
      <translation>使う</translation>
    </message>
    <message>
      <source>Use these keys</source>
      <translation>このキーにする</translation>
    </message>
    <message>
      <source>Use these too</source>
      <translation>このキーも追加</translation>
    </message>
    <message>
      <source>Use this model</source>
      <translation>このモデルを使う</translation>
    </message>
    <message>
      <source>Use this step's picture as a layer</source>
      <translation>このステップの画像をレイヤーにする</translation>
    </message>
    <message>
      <source>Usual for this model: {low} to {high}; at most {most}. The lowest position is its own, {own}.</source>
      <translation>このモデルの目安は {low} から {high}、最大 {most}。一番低い位置は既定値 {own} です。</translation>
    </message>
    <message>
      <source>Variation {number} of {count}</source>
      <translation>バリエーション {number} / {count}</translation>
    </message>
    <message>
      <source>Variations</source>
      <translation>バリエーション</translation>
    </message>
    <message>
      <source>Verified: every file is what the Hub's cache says it is.</source>
      <translation>検証済み: すべてのファイルが Hub のキャッシュの記録どおりです。</translation>
    </message>
    <message>
      <source>Verified: every file is what was published.</source>
      <translation>検証済み: すべてのファイルが公開されたものと一致しました。</translation>
    </message>
    <message>
      <source>Verify</source>
      <translation>検証</translation>
    </message>
    <message>
      <source>Verifying: {seconds} s left</source>
      <translation>検証中: 残り {seconds} 秒</translation>
    </message>
    <message>
      <source>Verifying…</source>
      <translation>検証しています…</translation>
    </message>
    <message>
      <source>Version {number}</source>
      <translation>バージョン {number}</translation>
    </message>
    <message>
      <source>Version, model, device and licences</source>
      <translation>バージョン、モデル、デバイス、ライセンス</translation>
    </message>
    <message>
      <source>Violet</source>
      <translation>紫</translation>
    </message>
    <message>
      <source>Visible</source>
      <translation>表示部分</translation>
    </message>
    <message>
      <source>W&amp;idth</source>
      <translation>幅(&amp;I)</translation>
    </message>
    <message>
      <source>Wait until the first picture is there; then its steps can become layers.</source>
      <translation>最初の画像ができるまで待ってください。その後、ステップをレイヤーにできます。</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>待機中</translation>
    </message>
    <message>
      <source>Waiting for the first step…</source>
      <translation>最初のステップを待っています…</translation>
    </message>
    <message>
      <source>Waiting for the model to load…</source>
      <translation>モデルの読み込みを待っています…</translation>
    </message>
    <message>
      <source>WebP picture</source>
      <translation>WebP 画像</translation>
    </message>
    <message>
      <source>WebP, every colour</source>
      <translation>WebP、フルカラー</translation>
    </message>
    <message>
      <source>WebP: smaller, for the web</source>
      <translation>WebP: さらに小さく、ウェブ向き</translation>
    </message>
    <message>
      <source>Welcome</source>
      <translation>ようこそ</translation>
    </message>
    <message>
      <source>Welcome to Muse Studio</source>
      <translation>Muse Studio へようこそ</translation>
    </message>
    <message>
      <source>What a model needs is told when it is on the list.</source>
      <translation>モデルに必要なメモリは、一覧に加わるとわかります。</translation>
    </message>
    <message>
      <source>What do you want to do?</source>
      <translation>何をしますか?</translation>
    </message>
    <message>
      <source>What is in the f&amp;rame, {side} × {side} px</source>
      <translation>フレームの中、{side} × {side} px(&amp;R)</translation>
    </message>
    <message>
      <source>What is kept need not be fetched again when you go on another day.</source>
      <translation>残しておけば、別の日に続けるとき取得し直す必要がありません。</translation>
    </message>
    <message>
      <source>What is see-through becomes white. Lower quality makes smaller files.</source>
      <translation>透明部分は白になります。画質を下げるとファイルが小さくなります。</translation>
    </message>
    <message>
      <source>What kind of file other programs shall open</source>
      <translation>ほかのソフトで開くファイルの種類</translation>
    </message>
    <message>
      <source>What should not be there (optional)</source>
      <translation>描きたくないもの(省略可)</translation>
    </message>
    <message>
      <source>What the model shall stay away from</source>
      <translation>モデルに避けてほしいもの</translation>
    </message>
    <message>
      <source>What the picture shows. Up and Down at the ends of the text bring earlier prompts.</source>
      <translation>画像に描くもの。文の端で上下キーを押すと、以前のプロンプトが出ます。</translation>
    </message>
    <message>
      <source>What the tool does</source>
      <translation>ツールの説明</translation>
    </message>
    <message>
      <source>What this model needs cannot be told on this device.</source>
      <translation>このデバイスでは、モデルの必要量が分かりません。</translation>
    </message>
    <message>
      <source>What to see from here on</source>
      <translation>ここから先に描きたいもの</translation>
    </message>
    <message>
      <source>What was compared so far is forgotten</source>
      <translation>ここまでの照合結果は破棄されます</translation>
    </message>
    <message>
      <source>What was dropped holds no picture. Drag a PNG, JPEG, WebP or a project.</source>
      <translation>ドロップされたものに画像がありません。PNG、JPEG、WebP、プロジェクトをドラッグしてください。</translation>
    </message>
    <message>
      <source>When memory is short</source>
      <translation>メモリが足りないとき</translation>
    </message>
    <message>
      <source>Where in the queue</source>
      <translation>キューの位置</translation>
    </message>
    <message>
      <source>Which cells of the model the mask touches</source>
      <translation>マスクが触れるモデルのセル</translation>
    </message>
    <message>
      <source>Whole picture</source>
      <translation>画像全体</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>幅</translation>
    </message>
    <message>
      <source>With nothing else changed, the same picture comes again</source>
      <translation>ほかを変えなければ、同じ画像になります</translation>
    </message>
    <message>
      <source>Without a mask: the fox becomes a penguin, the rest stays.</source>
      <translation>マスクなしで、キツネがペンギンに。ほかはそのまま残ります。</translation>
    </message>
    <message>
      <source>Without a prompt</source>
      <translation>プロンプトなし</translation>
    </message>
    <message>
      <source>Words in the prompt, the negative prompt, the mode, the model or the seed</source>
      <translation>プロンプト、ネガティブプロンプト、モード、モデル、シードに含まれる語</translation>
    </message>
    <message>
      <source>Words the model knows</source>
      <translation>モデルが知っている言葉</translation>
    </message>
    <message>
      <source>Worker</source>
      <translation>ワーカー</translation>
    </message>
    <message>
      <source>Working.</source>
      <translation>処理中。</translation>
    </message>
    <message>
      <source>Works everywhere; slower than a GPU</source>
      <translation>どこでも動きますが、GPU より遅くなります</translation>
    </message>
    <message>
      <source>Write &amp;prompt and settings into the file</source>
      <translation>プロンプトと設定をファイルに含める(&amp;P)</translation>
    </message>
    <message>
      <source>Write a picture for others: PNG, JPEG, WebP or Photoshop, at the size you choose</source>
      <translation>ほかで使う画像を書き出します。PNG、JPEG、WebP、Photoshop、サイズも選べます</translation>
    </message>
    <message>
      <source>Write all steps of the chosen run as an animation: WebP or GIF</source>
      <translation>選んだ実行の全ステップを WebP か GIF のアニメーションに書き出します</translation>
    </message>
    <message>
      <source>Write the mask as a grey PNG: white is what is made anew</source>
      <translation>マスクをグレーの PNG に書き出します。白が作り直す部分です</translation>
    </message>
    <message>
      <source>Write what the frame holds as a PNG of the model's own size, with its prompt and settings inside</source>
      <translation>フレームの中身を、プロンプトと設定を含むモデルのサイズの PNG に書き出します</translation>
    </message>
    <message>
      <source>Writing “{name}”</source>
      <translation>「{name}」を書き出しています</translation>
    </message>
    <message>
      <source>Writing “{name}” was stopped; no file is left.</source>
      <translation>「{name}」の書き出しを中止しました。ファイルは残っていません。</translation>
    </message>
    <message>
      <source>Written so far</source>
      <translation>書き出しの進み具合</translation>
    </message>
    <message>
      <source>Yellow</source>
      <translation>黄</translation>
    </message>
    <message>
      <source>You can close this page and work on meanwhile.</source>
      <translation>このページを閉じて、作業を続けられます。</translation>
    </message>
    <message>
      <source>You would be offered: {offers}.</source>
      <translation>次の案を提示します: {offers}。</translation>
    </message>
    <message>
      <source>Your picture is unharmed; press Generate to try again</source>
      <translation>画像は無事です。「生成」を押すともう一度試せます</translation>
    </message>
    <message>
      <source>Your work cannot be kept safe from a crash at the moment.</source>
      <translation>現在、異常終了に備えた保存ができません。</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>ズーム</translation>
    </message>
    <message>
      <source>Zoom &amp;in</source>
      <translation>拡大(&amp;I)</translation>
    </message>
    <message>
      <source>Zoom &amp;out</source>
      <translation>縮小(&amp;O)</translation>
    </message>
    <message>
      <source>Zoom at the pointer</source>
      <translation>ポインターの位置でズーム</translation>
    </message>
    <message>
      <source>Zoom, press for 100 %</source>
      <translation>ズーム。押すと 100 %</translation>
    </message>
    <message>
      <source>[  and  ]</source>
      <translation>[  と  ]</translation>
    </message>
    <message>
      <source>\ or O held</source>
      <translation>\ か O を押している間</translation>
    </message>
    <message>
      <source>a DoRA's magnitudes, which are not computed here</source>
      <translation>DoRA の大きさであり、ここでは計算されません</translation>
    </message>
    <message>
      <source>a LoRA's hash is no sha256</source>
      <translation>LoRA のハッシュが sha256 ではありません</translation>
    </message>
    <message>
      <source>a LoRA's name is missing or too long</source>
      <translation>LoRA の名前がないか、長すぎます</translation>
    </message>
    <message>
      <source>a LoRA's settings are damaged</source>
      <translation>LoRA の設定が壊れています</translation>
    </message>
    <message>
      <source>a LoRA's strength is at most {0}, not {1}</source>
      <translation>LoRA の強さは {0} までで、{1} にはできません</translation>
    </message>
    <message>
      <source>a LoRA's strength is no number</source>
      <translation>LoRA の強さが数値ではありません</translation>
    </message>
    <message>
      <source>a file name in this checkpoint is not portable</source>
      <translation>このチェックポイントには、システムによっては使えないファイル名があります</translation>
    </message>
    <message>
      <source>a file name in this checkpoint leads out of its folder</source>
      <translation>このチェックポイントにはフォルダーの外を指すファイル名があります</translation>
    </message>
    <message>
      <source>a frame begins with {0}, not {1}</source>
      <translation>データの先頭が {1} ではなく {0} です</translation>
    </message>
    <message>
      <source>a header of {0} bytes; it may have 1 to {1}</source>
      <translation>ヘッダーが {0} バイトです(1 から {1} まで)</translation>
    </message>
    <message>
      <source>a job was cancelled that nobody wanted cancelled</source>
      <translation>誰も求めていないジョブが取り消されました</translation>
    </message>
    <message>
      <source>a payload of {0} bytes; it may have at most {1}</source>
      <translation>内容が {0} バイトです(上限 {1})</translation>
    </message>
    <message>
      <source>a run has the impossible name {0}</source>
      <translation>実行に不正な名前 {0} があります</translation>
    </message>
    <message>
      <source>a token stands for {0} x {1} pixels; only {2} x {3} run here</source>
      <translation>1 トークンが {0} x {1} ピクセルに当たります。ここで動くのは {2} x {3} だけです</translation>
    </message>
    <message>
      <source>about {amount}</source>
      <translation>約 {amount}</translation>
    </message>
    <message>
      <source>above</source>
      <translation>上</translation>
    </message>
    <message>
      <source>after {seconds} s</source>
      <translation>{seconds} 秒後</translation>
    </message>
    <message>
      <source>almost done</source>
      <translation>まもなく完了</translation>
    </message>
    <message>
      <source>alpha is {0} numbers and not one</source>
      <translation>alpha が 1 つではなく {0} 個の数です</translation>
    </message>
    <message>
      <source>always on the device</source>
      <translation>常にデバイス上</translation>
    </message>
    <message>
      <source>an answer to the question {0}, which nobody has asked</source>
      <translation>誰も尋ねていない質問 {0} への答えです</translation>
    </message>
    <message>
      <source>and {0} more</source>
      <translation>ほか {0} 件</translation>
    </message>
    <message>
      <source>another guidance</source>
      <translation>別のガイダンス</translation>
    </message>
    <message>
      <source>another mask</source>
      <translation>別のマスク</translation>
    </message>
    <message>
      <source>another negative prompt</source>
      <translation>別のネガティブプロンプト</translation>
    </message>
    <message>
      <source>another seed</source>
      <translation>別のシード</translation>
    </message>
    <message>
      <source>as asked for</source>
      <translation>指定どおり</translation>
    </message>
    <message>
      <source>base tokenizer</source>
      <translation>構図用トークナイザー</translation>
    </message>
    <message>
      <source>base transformer</source>
      <translation>構図用トランスフォーマー</translation>
    </message>
    <message>
      <source>below</source>
      <translation>下</translation>
    </message>
    <message>
      <source>branch continue</source>
      <translation>分岐 続き</translation>
    </message>
    <message>
      <source>can't allocate memory</source>
      <translation>メモリを確保できません</translation>
    </message>
    <message>
      <source>cannot allocate memory</source>
      <translation>メモリを確保できません</translation>
    </message>
    <message>
      <source>cannot be used</source>
      <translation>使えません</translation>
    </message>
    <message>
      <source>cfg scale</source>
      <translation>cfg スケール</translation>
    </message>
    <message>
      <source>choose a smaller model</source>
      <translation>小さいモデルを選ぶ</translation>
    </message>
    <message>
      <source>choose a smaller model, or another device</source>
      <translation>小さいモデルか別のデバイスを選ぶ</translation>
    </message>
    <message>
      <source>close other programs</source>
      <translation>他のプログラムを閉じてください</translation>
    </message>
    <message>
      <source>continuing needs a step's tokens, and a picture only together with its mask</source>
      <translation>続けるにはステップのトークンが必要です。画像はマスクと一緒のときだけ使えます</translation>
    </message>
    <message>
      <source>could not create a memory object</source>
      <translation>メモリオブジェクトを作れません</translation>
    </message>
    <message>
      <source>count</source>
      <translation>枚数</translation>
    </message>
    <message>
      <source>decode of {0}</source>
      <translation>{0} のデコード</translation>
    </message>
    <message>
      <source>describes {0} where {1} is needed</source>
      <translation>{1} が必要なところに {0} が書かれています</translation>
    </message>
    <message>
      <source>edit by prompt</source>
      <translation>プロンプトで編集</translation>
    </message>
    <message>
      <source>editing by prompt alone takes no mask; choose inpainting</source>
      <translation>プロンプトによる編集ではマスクを使いません。塗りつぶしを選んでください</translation>
    </message>
    <message>
      <source>encode takes a sequence of at least one text</source>
      <translation>エンコードには 1 つ以上の文が必要です</translation>
    </message>
    <message>
      <source>exit code {0}</source>
      <translation>終了コード {0}</translation>
    </message>
    <message>
      <source>fetching, {percent} %</source>
      <translation>取得中、{percent} %</translation>
    </message>
    <message>
      <source>fill inpaint extend</source>
      <translation>塗りつぶし 拡張</translation>
    </message>
    <message>
      <source>generating from nothing takes no picture, mask or tokens; choose inpainting</source>
      <translation>新しい画像の生成では画像、マスク、トークンを使いません。塗りつぶしを選んでください</translation>
    </message>
    <message>
      <source>guidance</source>
      <translation>ガイダンス</translation>
    </message>
    <message>
      <source>hidden</source>
      <translation>非表示</translation>
    </message>
    <message>
      <source>in a batch where memory allows, else one half after the other</source>
      <translation>メモリが許せば一括、なければ半分ずつ</translation>
    </message>
    <message>
      <source>inpainting begins from a picture; to go on from tokens, continue</source>
      <translation>塗りつぶしは画像から始まります。トークンから続けるには「続き」を選んでください</translation>
    </message>
    <message>
      <source>int8 is for aMUSEd alone, and this is another published cascade. Choose auto, float32 or bfloat16.</source>
      <translation>int8 は aMUSEd 専用で、これは別の公開カスケードです。auto、float32、bfloat16 のいずれかを選んでください。</translation>
    </message>
    <message>
      <source>int8 is for published cascades on a CPU. Choose auto, float32 or bfloat16.</source>
      <translation>int8 は CPU で動かす公開カスケード用です。auto、float32、bfloat16 のいずれかを選んでください。</translation>
    </message>
    <message>
      <source>it cannot be read</source>
      <translation>読み込めません</translation>
    </message>
    <message>
      <source>it claims {0} pixels; the most is {1} a side and {2} megapixels. Scale it down</source>
      <translation>{0} ピクセルとされていますが、上限は 1 辺 {1}、{2} メガピクセルです。縮小してください</translation>
    </message>
    <message>
      <source>it could not be started: {0}</source>
      <translation>起動できませんでした: {0}</translation>
    </message>
    <message>
      <source>it ends before its pixels</source>
      <translation>ピクセルの前で終わっています</translation>
    </message>
    <message>
      <source>it has more than {0} MB</source>
      <translation>{0} MB を超えています</translation>
    </message>
    <message>
      <source>it has more than {0} layers</source>
      <translation>レイヤーが {0} 枚を超えています</translation>
    </message>
    <message>
      <source>it has more than {0} layers. Merge some of them</source>
      <translation>レイヤーが {0} 枚を超えています。いくつか結合してください</translation>
    </message>
    <message>
      <source>it has no layer with a picture</source>
      <translation>画像のあるレイヤーがありません</translation>
    </message>
    <message>
      <source>it has no pixels</source>
      <translation>ピクセルがありません</translation>
    </message>
    <message>
      <source>it has too many layers and variations. Delete variations that are not needed</source>
      <translation>レイヤーとバリエーションが多すぎます。不要なバリエーションを削除してください</translation>
    </message>
    <message>
      <source>it has too many parts</source>
      <translation>部品が多すぎます</translation>
    </message>
    <message>
      <source>it is a device, not a file</source>
      <translation>ファイルではなくデバイスです</translation>
    </message>
    <message>
      <source>it is a folder or a device, not a picture file</source>
      <translation>画像ファイルではなく、フォルダーかデバイスです</translation>
    </message>
    <message>
      <source>it is a folder or a device, not a project file</source>
      <translation>プロジェクトファイルではなく、フォルダーかデバイスです</translation>
    </message>
    <message>
      <source>it is a zip of the large kind, which no project needs</source>
      <translation>プロジェクトには不要な大型の zip です</translation>
    </message>
    <message>
      <source>it is cut off</source>
      <translation>途中で切れています</translation>
    </message>
    <message>
      <source>it is damaged</source>
      <translation>壊れています</translation>
    </message>
    <message>
      <source>it is damaged or cut off</source>
      <translation>壊れているか途中で切れています</translation>
    </message>
    <message>
      <source>it is damaged: a checksum is wrong</source>
      <translation>チェックサムが合わず壊れています</translation>
    </message>
    <message>
      <source>it is damaged: its header is missing</source>
      <translation>ヘッダーがなく壊れています</translation>
    </message>
    <message>
      <source>it is damaged: its header is wrong</source>
      <translation>ヘッダーが誤っていて壊れています</translation>
    </message>
    <message>
      <source>it is damaged: its parts are out of order</source>
      <translation>部品の順序が乱れて壊れています</translation>
    </message>
    <message>
      <source>it is damaged: its parts disagree about its size</source>
      <translation>サイズの記録が食い違い、壊れています</translation>
    </message>
    <message>
      <source>it is damaged: its size is missing</source>
      <translation>サイズがなく壊れています</translation>
    </message>
    <message>
      <source>it is made of too many pieces</source>
      <translation>分割が多すぎます</translation>
    </message>
    <message>
      <source>it is no file</source>
      <translation>ファイルではありません</translation>
    </message>
    <message>
      <source>it is not a PNG picture</source>
      <translation>PNG 画像ではありません</translation>
    </message>
    <message>
      <source>it is not a PNG, JPEG or WebP picture</source>
      <translation>PNG、JPEG、WebP の画像ではありません</translation>
    </message>
    <message>
      <source>it is not an OpenRaster file</source>
      <translation>OpenRaster ファイルではありません</translation>
    </message>
    <message>
      <source>it is not an OpenRaster file, or it is cut off</source>
      <translation>OpenRaster ファイルではないか、途中で切れています</translation>
    </message>
    <message>
      <source>it makes pictures in one stage and theirs was made in two</source>
      <translation>これは 1 段階で画像を作りますが、元の画像は 2 段階で作られました</translation>
    </message>
    <message>
      <source>it uses a PNG extension that is not known</source>
      <translation>未知の PNG 拡張を使っています</translation>
    </message>
    <message>
      <source>it would be larger than any project may be. Merge or delete some layers</source>
      <translation>プロジェクトが大きすぎます。レイヤーを結合または削除してください</translation>
    </message>
    <message>
      <source>it would have more parts than any project may have. Delete some runs or layers</source>
      <translation>部品が多すぎます。実行かレイヤーをいくつか削除してください</translation>
    </message>
    <message>
      <source>it would take unreasonably long to open. Save it anew as a PNG</source>
      <translation>開くのに時間がかかりすぎます。PNG で保存し直してください</translation>
    </message>
    <message>
      <source>its LoRAs are damaged</source>
      <translation>LoRA の指定が壊れています</translation>
    </message>
    <message>
      <source>its file has changed since it was added; add it again</source>
      <translation>追加した後でファイルが変わりました。もう一度追加してください</translation>
    </message>
    <message>
      <source>its file is not known on this computer; add it</source>
      <translation>このコンピューターではファイルの場所が分かりません。ファイルを追加してください</translation>
    </message>
    <message>
      <source>its layers are damaged</source>
      <translation>レイヤーが壊れています</translation>
    </message>
    <message>
      <source>its layers are nested too deeply</source>
      <translation>レイヤーの入れ子が深すぎます</translation>
    </message>
    <message>
      <source>its layers claim more than {0} megapixels</source>
      <translation>レイヤーが {0} メガピクセルを超えています</translation>
    </message>
    <message>
      <source>its layers have more than {0} megapixels together. Merge or delete some of them</source>
      <translation>レイヤーの合計が {0} メガピクセルを超えています。結合または削除してください</translation>
    </message>
    <message>
      <source>its list of layers is damaged</source>
      <translation>レイヤーの一覧が壊れています</translation>
    </message>
    <message>
      <source>its list of layers uses entities, which no painting program writes</source>
      <translation>レイヤーの一覧に、お絵かきソフトが書かないエンティティがあります</translation>
    </message>
    <message>
      <source>its matrices are not of floating point numbers</source>
      <translation>その行列は浮動小数点数ではありません</translation>
    </message>
    <message>
      <source>its own notes on the layers are damaged</source>
      <translation>レイヤーの記録が壊れています</translation>
    </message>
    <message>
      <source>its part {0} cannot be opened: {1}</source>
      <translation>部品 {0} を開けません: {1}</translation>
    </message>
    <message>
      <source>its part {0} has another size than its layer</source>
      <translation>部品 {0} の大きさがレイヤーと違います</translation>
    </message>
    <message>
      <source>its part {0} is damaged</source>
      <translation>部品 {0} が壊れています</translation>
    </message>
    <message>
      <source>its part {0} is damaged or cut off</source>
      <translation>部品 {0} が壊れているか途中で切れています</translation>
    </message>
    <message>
      <source>its part {0} is missing</source>
      <translation>部品 {0} がありません</translation>
    </message>
    <message>
      <source>its part {0} is no PNG</source>
      <translation>部品 {0} は PNG ではありません</translation>
    </message>
    <message>
      <source>its part {0} is too large</source>
      <translation>部品 {0} が大きすぎます</translation>
    </message>
    <message>
      <source>its pixels are damaged or cut off</source>
      <translation>ピクセルが壊れているか途中で切れています</translation>
    </message>
    <message>
      <source>its pixels have an unknown layout</source>
      <translation>ピクセル配置が不明です</translation>
    </message>
    <message>
      <source>its size is missing</source>
      <translation>サイズがありません</translation>
    </message>
    <message>
      <source>its weights do not fit its {0}</source>
      <translation>重みが {0} と合いません</translation>
    </message>
    <message>
      <source>its {0} grid is {1} × {2} and theirs {3} × {4}</source>
      <translation>{0} の格子が {1} × {2} で、トークンは {3} × {4} です</translation>
    </message>
    <message>
      <source>its {0} matrix is missing</source>
      <translation>その {0} 行列がありません</translation>
    </message>
    <message>
      <source>its {0} stage knows {1} tokens and theirs go up to {2}</source>
      <translation>{0} 段のトークンは {1} 個ですが、{2} まで使われています</translation>
    </message>
    <message>
      <source>killed (SIGKILL); when memory is short, the system does this</source>
      <translation>強制終了(SIGKILL)。メモリが足りないときにシステムが行います</translation>
    </message>
    <message>
      <source>killed by signal {0}</source>
      <translation>シグナル {0} で終了</translation>
    </message>
    <message>
      <source>learning to make quick previews, once for this model</source>
      <translation>すばやいプレビューの作り方を学習しています（このモデルで一度だけ）</translation>
    </message>
    <message>
      <source>left</source>
      <translation>左</translation>
    </message>
    <message>
      <source>loading the picture tokenizer</source>
      <translation>画像トークナイザーを読み込み中</translation>
    </message>
    <message>
      <source>loading the text encoder</source>
      <translation>テキストエンコーダーを読み込んでいます</translation>
    </message>
    <message>
      <source>loading the transformer</source>
      <translation>トランスフォーマーを読み込み中</translation>
    </message>
    <message>
      <source>loading the {0}</source>
      <translation>{0}を読み込んでいます</translation>
    </message>
    <message>
      <source>mask</source>
      <translation>マスク</translation>
    </message>
    <message>
      <source>measured here: bfloat16 runs {0} times as fast as float32</source>
      <translation>ここで測定: bfloat16 は float32 の {0} 倍の速さ</translation>
    </message>
    <message>
      <source>model name</source>
      <translation>モデル名</translation>
    </message>
    <message>
      <source>model's own</source>
      <translation>既定</translation>
    </message>
    <message>
      <source>negative prompt</source>
      <translation>ネガティブプロンプト</translation>
    </message>
    <message>
      <source>new detail is made at {0} px; {1} px have none</source>
      <translation>ディテールは {0} px で作られます。{1} px にはありません</translation>
    </message>
    <message>
      <source>new picture generate</source>
      <translation>新しい画像 生成</translation>
    </message>
    <message>
      <source>no CUDA GPU was found: the machine has none, its driver is missing, or torch was installed without CUDA.</source>
      <translation>CUDA の GPU が見つかりません。GPU がないか、ドライバーがないか、CUDA なしの torch が入っています。</translation>
    </message>
    <message>
      <source>no matrix of a LoRA that is known here</source>
      <translation>ここで知られている LoRA の行列ではありません</translation>
    </message>
    <message>
      <source>none loaded</source>
      <translation>読み込まれていません</translation>
    </message>
    <message>
      <source>none named</source>
      <translation>記載なし</translation>
    </message>
    <message>
      <source>not enough memory</source>
      <translation>メモリが足りません</translation>
    </message>
    <message>
      <source>not fetched: look here</source>
      <translation>取得できませんでした: ここを見てください</translation>
    </message>
    <message>
      <source>of another kind of model; the parts here are {0}</source>
      <translation>別の種類のモデルのものです。ここにある部分は {0} です</translation>
    </message>
    <message>
      <source>on the CPU</source>
      <translation>CPU 上</translation>
    </message>
    <message>
      <source>on the device while it reads a prompt, else on the CPU</source>
      <translation>プロンプトを読む間はデバイス上、ほかは CPU 上</translation>
    </message>
    <message>
      <source>on this disk</source>
      <translation>このディスクにあります</translation>
    </message>
    <message>
      <source>one of its parts has a name that no program should give</source>
      <translation>部品の 1 つに不正な名前があります</translation>
    </message>
    <message>
      <source>one variation at a time</source>
      <translation>1 枚ずつのバリエーション</translation>
    </message>
    <message>
      <source>only an edit by prompt goes on from an iteration</source>
      <translation>反復の途中から続けられるのは、プロンプトによる編集だけです</translation>
    </message>
    <message>
      <source>out of memory</source>
      <translation>メモリ不足</translation>
    </message>
    <message>
      <source>own: even</source>
      <translation>既定: 均等</translation>
    </message>
    <message>
      <source>own: {number}</source>
      <translation>既定: {number}</translation>
    </message>
    <message>
      <source>part of the path is a file, not a folder. Choose another folder.</source>
      <translation>パスの途中がフォルダーではなくファイルです。別のフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>paused</source>
      <translation>一時停止</translation>
    </message>
    <message>
      <source>paused, {percent} %</source>
      <translation>一時停止、{percent} %</translation>
    </message>
    <message>
      <source>picture</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>prompt</source>
      <translation>プロンプト</translation>
    </message>
    <message>
      <source>put the encoder {0} into the folder {1} beside cascade.json</source>
      <translation>エンコーダー {0} を cascade.json の隣の {1} フォルダーに入れてください</translation>
    </message>
    <message>
      <source>rank {0} is over {1}</source>
      <translation>ランク {0} は {1} を超えています</translation>
    </message>
    <message>
      <source>ranks {0} and {1} of its two matrices differ</source>
      <translation>2 つの行列のランク {0} と {1} が違います</translation>
    </message>
    <message>
      <source>re-roll reroll</source>
      <translation>引き直し</translation>
    </message>
    <message>
      <source>re-texture retexture</source>
      <translation>質感 再生成</translation>
    </message>
    <message>
      <source>read from disk for every new prompt</source>
      <translation>新しいプロンプトごとにディスクから読み込み</translation>
    </message>
    <message>
      <source>reading cascade.json</source>
      <translation>cascade.json を読み込んでいます</translation>
    </message>
    <message>
      <source>reading it is not allowed</source>
      <translation>読み取りが許可されていません</translation>
    </message>
    <message>
      <source>reading what the folder holds</source>
      <translation>フォルダーの内容を読み込み中</translation>
    </message>
    <message>
      <source>right</source>
      <translation>右</translation>
    </message>
    <message>
      <source>seed</source>
      <translation>シード</translation>
    </message>
    <message>
      <source>shapes {0} and {1} are not two matrices</source>
      <translation>形状 {0} と {1} は 2 つの行列ではありません</translation>
    </message>
    <message>
      <source>share</source>
      <translation>割合</translation>
    </message>
    <message>
      <source>share is the part of the picture to make anew; at 0 nothing would change</source>
      <translation>割合は画像のうち作り直す部分です。0 では何も変わりません</translation>
    </message>
    <message>
      <source>size</source>
      <translation>サイズ</translation>
    </message>
    <message>
      <source>size is told when you ask</source>
      <translation>サイズは問い合わせるとわかります</translation>
    </message>
    <message>
      <source>starting PyTorch</source>
      <translation>PyTorch を起動しています</translation>
    </message>
    <message>
      <source>step {0} of {1} after one of {2}</source>
      <translation>{2} のステップの後に {1} のステップ {0}</translation>
    </message>
    <message>
      <source>step {0}, variation {1}, after {2} steps</source>
      <translation>{2} ステップの後にステップ {0}、バリエーション {1}</translation>
    </message>
    <message>
      <source>steps</source>
      <translation>ステップ</translation>
    </message>
    <message>
      <source>strength</source>
      <translation>強度</translation>
    </message>
    <message>
      <source>strength is the part of the mask to make anew; at 0 nothing would change</source>
      <translation>強度はマスクのうち作り直す部分です。0 では何も変わりません</translation>
    </message>
    <message>
      <source>super-resolution tokenizer</source>
      <translation>超解像トークナイザー</translation>
    </message>
    <message>
      <source>super-resolution transformer</source>
      <translation>超解像トランスフォーマー</translation>
    </message>
    <message>
      <source>takes {minutes} min</source>
      <translation>所要 {minutes} 分</translation>
    </message>
    <message>
      <source>takes {seconds} s</source>
      <translation>所要 {seconds} 秒</translation>
    </message>
    <message>
      <source>temperature</source>
      <translation>温度</translation>
    </message>
    <message>
      <source>text encoder</source>
      <translation>テキストエンコーダー</translation>
    </message>
    <message>
      <source>the CPU as device</source>
      <translation>デバイスに CPU</translation>
    </message>
    <message>
      <source>the LoRA {0}</source>
      <translation>LoRA ファイル「{0}」</translation>
    </message>
    <message>
      <source>the LoRA {0} was made for another model</source>
      <translation>LoRA {0} は別のモデル用に作られました</translation>
    </message>
    <message>
      <source>the checkpoint in {0} cannot be used</source>
      <translation>{0} のチェックポイントは使えません</translation>
    </message>
    <message>
      <source>the disk is full. Free some space, or save to another folder.</source>
      <translation>ディスクがいっぱいです。空きを作るか、別のフォルダーに保存してください。</translation>
    </message>
    <message>
      <source>the disk reported an error. Save to another disk.</source>
      <translation>ディスクがエラーを返しました。別のディスクに保存してください。</translation>
    </message>
    <message>
      <source>the end of a job of {0} after {1} results</source>
      <translation>{0} 枚のジョブが {1} 枚の結果で終了</translation>
    </message>
    <message>
      <source>the file is empty</source>
      <translation>ファイルが空です</translation>
    </message>
    <message>
      <source>the file is larger than this disk allows. Save to another disk.</source>
      <translation>ファイルがこのディスクの上限を超えています。別のディスクに保存してください。</translation>
    </message>
    <message>
      <source>the file is write-protected</source>
      <translation>ファイルは書き込み禁止です</translation>
    </message>
    <message>
      <source>the folder does not exist. Choose another folder.</source>
      <translation>フォルダーがありません。別のフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>the folder is read-only. Choose another folder.</source>
      <translation>フォルダーは読み取り専用です。別のフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>the model {0}</source>
      <translation>モデル {0} </translation>
    </message>
    <message>
      <source>the name is not possible</source>
      <translation>その名前は使えません</translation>
    </message>
    <message>
      <source>the name is too long. Choose a shorter one.</source>
      <translation>名前が長すぎます。短い名前にしてください。</translation>
    </message>
    <message>
      <source>the other side speaks version {0}, this side version {1}</source>
      <translation>相手側はバージョン {0}、こちらはバージョン {1} です</translation>
    </message>
    <message>
      <source>the padding {0} is not in the vocabulary</source>
      <translation>埋め草 {0} が語彙にありません</translation>
    </message>
    <message>
      <source>the path of its file is too long; move it to a folder nearer to the top</source>
      <translation>ファイルのパスが長すぎます。もっと上のフォルダーに移してください</translation>
    </message>
    <message>
      <source>the same LoRA is there twice; give it once, with the sum of the strengths</source>
      <translation>同じ LoRA が二度指定されています。強さを合計して一度だけ指定してください</translation>
    </message>
    <message>
      <source>the settings are damaged</source>
      <translation>設定が壊れています</translation>
    </message>
    <message>
      <source>the size is one of {0}, not {1}</source>
      <translation>サイズは {0} のどれかで、{1} ではありません</translation>
    </message>
    <message>
      <source>the size {0}</source>
      <translation>サイズ {0}</translation>
    </message>
    <message>
      <source>the stream ended inside a frame, after {0} bytes of it</source>
      <translation>データが途中の {0} バイトで終わりました</translation>
    </message>
    <message>
      <source>the text could not be tokenised: {0}</source>
      <translation>文をトークンに分けられませんでした: {0}</translation>
    </message>
    <message>
      <source>the text encoder in {0} cannot be used</source>
      <translation>{0} のテキストエンコーダーは使えません</translation>
    </message>
    <message>
      <source>the text encoder in {0} does not fit its {1}</source>
      <translation>{0} のテキストエンコーダーが {1} と合いません</translation>
    </message>
    <message>
      <source>the tokenizer cannot be read: {0}</source>
      <translation>トークナイザーを読み込めません: {0}</translation>
    </message>
    <message>
      <source>the transformer predicts {0} tokens and the VQGAN has {1}</source>
      <translation>トランスフォーマーは {0} 個のトークンを予測しますが、VQGAN には {1} 個あります</translation>
    </message>
    <message>
      <source>the transformer reads texts of another width than the text encoder writes</source>
      <translation>トランスフォーマーが読むテキストの幅が、テキストエンコーダーの出力と異なります</translation>
    </message>
    <message>
      <source>the worker takes no arguments; the studio starts it by itself</source>
      <translation>ワーカーに引数は不要です。スタジオが自動で起動します</translation>
    </message>
    <message>
      <source>there is a folder of that name. Choose another name.</source>
      <translation>同じ名前のフォルダーがあります。別の名前にしてください。</translation>
    </message>
    <message>
      <source>there is no GPU number {0}: this machine has {1}</source>
      <translation>GPU {0} 番はありません。このコンピューターには {1} 台あります</translation>
    </message>
    <message>
      <source>there is no mode {0}; it is one of {1}</source>
      <translation>モード {0} はありません。{1} のどれかです</translation>
    </message>
    <message>
      <source>there is no model folder at {0}</source>
      <translation>{0} にモデルのフォルダーがありません</translation>
    </message>
    <message>
      <source>there is no such file</source>
      <translation>ファイルがありません</translation>
    </message>
    <message>
      <source>these LoRAs at these strengths make numbers that are too large; choose smaller strengths</source>
      <translation>これらの LoRA をこの強さで使うと数値が大きくなりすぎます。強さを下げてください</translation>
    </message>
    <message>
      <source>this cascade comes with another text encoder</source>
      <translation>このカスケードには別のテキストエンコーダーが入っています</translation>
    </message>
    <message>
      <source>this cascade comes without its text encoder</source>
      <translation>このカスケードにはテキストエンコーダーがありません</translation>
    </message>
    <message>
      <source>this checkpoint is in a format that is never opened</source>
      <translation>このチェックポイントは開けない形式です</translation>
    </message>
    <message>
      <source>this device does not compute in bfloat16</source>
      <translation>このデバイスは bfloat16 で計算できません</translation>
    </message>
    <message>
      <source>tokens</source>
      <translation>トークン</translation>
    </message>
    <message>
      <source>tokens from {0} to {1}</source>
      <translation>{0} から {1} までのトークン</translation>
    </message>
    <message>
      <source>tokens of type {0}, decided of type {1}</source>
      <translation>トークンの型は {0}、確定済みの型は {1}</translation>
    </message>
    <message>
      <source>tokens {0} and decided {1} are not one square grid</source>
      <translation>トークン {0} と確定済み {1} が同じ正方形の格子ではありません</translation>
    </message>
    <message>
      <source>two of its parts have one name</source>
      <translation>2 つの部品が同じ名前です</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>不明</translation>
    </message>
    <message>
      <source>visible</source>
      <translation>表示</translation>
    </message>
    <message>
      <source>warming up</source>
      <translation>準備しています</translation>
    </message>
    <message>
      <source>what the hardware multiplies in</source>
      <translation>ハードウェアが計算に使う形式</translation>
    </message>
    <message>
      <source>what the hardware multiplies in; a measurement could not be kept</source>
      <translation>ハードウェアが計算に使う形式。測定結果は保存できませんでした</translation>
    </message>
    <message>
      <source>writing there is not allowed. Choose another folder or name.</source>
      <translation>そこへの書き込みは許可されていません。別のフォルダーか名前を選んでください。</translation>
    </message>
    <message>
      <source>your disk quota is used up. Free some space, or save to another folder.</source>
      <translation>ディスクの割り当てを使い切りました。空きを作るか、別のフォルダーに保存してください。</translation>
    </message>
    <message>
      <source>{0} Change the prompt and try again.</source>
      <translation>{0}プロンプトを変えて、もう一度試してください。</translation>
    </message>
    <message>
      <source>{0} Choose another model folder.</source>
      <translation>{0}別のモデルフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>{0} Choose auto or cpu.</source>
      <translation>{0}auto か cpu を選んでください。</translation>
    </message>
    <message>
      <source>{0} LoRAs are too many at once; {1} are the most</source>
      <translation>LoRA が {0} 個では多すぎます。同時に使えるのは {1} 個までです</translation>
    </message>
    <message>
      <source>{0} begins from a picture or from its tokens: give one of them</source>
      <translation>{0} には画像かそのトークンのどちらかが必要です</translation>
    </message>
    <message>
      <source>{0} bytes where {1} belong</source>
      <translation>本来 {1} バイトのところ {0} バイト</translation>
    </message>
    <message>
      <source>{0} does not answer as the Hub does. Check {1}, or try again later.</source>
      <translation>{0} は Hub のようには応答しません。{1} を確認するか、後でもう一度試してください。</translation>
    </message>
    <message>
      <source>{0} does not fit the architecture it came with</source>
      <translation>{0} が付属の構成と合いません</translation>
    </message>
    <message>
      <source>{0} does not give out {1} without an account, or no longer has it.</source>
      <translation>{0} はアカウントなしでは {1} を渡さないか、もう持っていません。</translation>
    </message>
    <message>
      <source>{0} does not have {1}. It may have been renamed or taken back.</source>
      <translation>{0} に {1} はありません。名前が変わったか、公開が取りやめられた可能性があります。</translation>
    </message>
    <message>
      <source>{0} for a job that is not running</source>
      <translation>実行中でないジョブへの {0}</translation>
    </message>
    <message>
      <source>{0} has no {1} any more: it is not the cascade that this program knows.</source>
      <translation>{0} にはもう {1} がありません。このプログラムが知っているカスケードではありません。</translation>
    </message>
    <message>
      <source>{0} holds no LoRA: none of its tensors has such a name</source>
      <translation>{0} に LoRA はありません。そのような名前のテンソルがありません</translation>
    </message>
    <message>
      <source>{0} holds numbers that are not finite</source>
      <translation>{0} に有限でない数が含まれています</translation>
    </message>
    <message>
      <source>{0} holds what is not read as a LoRA</source>
      <translation>{0} には LoRA として読めないものが含まれています</translation>
    </message>
    <message>
      <source>{0} in “{1}” is damaged. Delete the folder and fetch the cascade again.</source>
      <translation>「{1}」の {0} が壊れています。フォルダーを削除して、カスケードを取得し直してください。</translation>
    </message>
    <message>
      <source>{0} is a LoRA of a kind that is not read</source>
      <translation>{0} は読めない種類の LoRA です</translation>
    </message>
    <message>
      <source>{0} is a single file; a model here is a folder with {1} and safetensors</source>
      <translation>{0} は単独のファイルです。モデルは {1} と safetensors を含むフォルダーです</translation>
    </message>
    <message>
      <source>{0} is being fetched by another program now. Wait for it, or stop it first.</source>
      <translation>{0} は今、別のプログラムが取得しています。終わるのを待つか、先に止めてください。</translation>
    </message>
    <message>
      <source>{0} is busy or broken now. What has come is kept: try again later.</source>
      <translation>{0} は今、混雑しているか故障しています。届いた分は残っています。後でもう一度試してください。</translation>
    </message>
    <message>
      <source>{0} is damaged or was exchanged: its sha256 is not the one that was published.</source>
      <translation>{0} は壊れているか差し替えられています。sha256 が公開されたものと一致しません。</translation>
    </message>
    <message>
      <source>{0} is given out under the licence {1}, which nobody has accepted yet.</source>
      <translation>{0} はライセンス {1} で提供されていますが、まだ同意されていません。</translation>
    </message>
    <message>
      <source>{0} is no device: choose auto, cpu, cuda, mps or xla</source>
      <translation>{0} というデバイスはありません。auto、cpu、cuda、mps、xla から選んでください</translation>
    </message>
    <message>
      <source>{0} is no safetensors file; LoRA files of other formats are never opened</source>
      <translation>{0} は safetensors ファイルではありません。ほかの形式の LoRA ファイルは決して開きません</translation>
    </message>
    <message>
      <source>{0} is not a whole LoRA</source>
      <translation>{0} は完全な LoRA ではありません</translation>
    </message>
    <message>
      <source>{0} is “{1}”, which is no address such as {2}.</source>
      <translation>{0} は「{1}」ですが、{2} のようなアドレスではありません。</translation>
    </message>
    <message>
      <source>{0} lists the same file twice. Don't use it.</source>
      <translation>{0} は同じファイルを二度挙げています。使わないでください。</translation>
    </message>
    <message>
      <source>{0} lists {1} files where a dozen belong. Don't use it.</source>
      <translation>{0} は {1} 個のファイルを挙げていますが、本来は十数個です。使わないでください。</translation>
    </message>
    <message>
      <source>{0} must be a number from 0 to {1}, not {2}</source>
      <translation>{0}は 0 から {1} までの数でなければなりません({2} は使えません)</translation>
    </message>
    <message>
      <source>{0} must be a whole number from {1} to {2}, not {3}</source>
      <translation>{0}は {1} から {2} までの整数でなければなりません({3} は使えません)</translation>
    </message>
    <message>
      <source>{0} needs {1} GB, and {2} GB are free on that disk. Free some space, or choose a folder on another disk.</source>
      <translation>{0} には {1} GB 必要ですが、そのディスクの空きは {2} GB です。空きを増やすか、別のディスクのフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>{0} offers no safetensors for “{1}”, and nothing else is taken.</source>
      <translation>{0} は「{1}」の safetensors を提供していません。ほかの形式は取り込みません。</translation>
    </message>
    <message>
      <source>{0} prompts with {1} negative prompts and {2} seeds</source>
      <translation>プロンプト {0} 個に対し、ネガティブプロンプト {1} 個とシード {2} 個です</translation>
    </message>
    <message>
      <source>{0} refused to give {1}. Try again later, or set {2} to another address.</source>
      <translation>{0} は {1} を渡しませんでした。後でもう一度試すか、{2} に別のアドレスを設定してください。</translation>
    </message>
    <message>
      <source>{0} sends on to an address that is not secure. Nothing was taken from there.</source>
      <translation>{0} は安全でないアドレスへ転送します。そこからは何も取り込んでいません。</translation>
    </message>
    <message>
      <source>{0} sends “{1}” in an unknown form.</source>
      <translation>{0} は「{1}」を未知の形式で送っています。</translation>
    </message>
    <message>
      <source>{0} sent another part of “{1}” than was asked for.</source>
      <translation>{0} は「{1}」の、頼んだのとは別の部分を送りました。</translation>
    </message>
    <message>
      <source>{0} through XLA</source>
      <translation>XLA 経由の {0}</translation>
    </message>
    <message>
      <source>{0} tokens, and the encoder knows {1}</source>
      <translation>トークンは {0} 個ですが、エンコーダーは {1} 個までです</translation>
    </message>
    <message>
      <source>{0} unreadable characters were removed from the prompt.</source>
      <translation>プロンプトから読めない文字を {0} 個取り除きました。</translation>
    </message>
    <message>
      <source>{0} variations at once</source>
      <translation>{0} 枚同時のバリエーション</translation>
    </message>
    <message>
      <source>{0} × {1} pixels are more than a picture may have: {2} a side and {3} million in all. Choose a smaller size.</source>
      <translation>{0} × {1} ピクセルは画像の上限(1 辺 {2}、合計 {3} 百万)を超えています。小さいサイズを選んでください。</translation>
    </message>
    <message>
      <source>{0} × {1} pixels are more than a picture may have: {2} a side and {3} million in all. Extend it by less.</source>
      <translation>{0} × {1} ピクセルは画像の上限(1 辺 {2}、合計 {3} 百万)を超えています。拡張を小さくしてください。</translation>
    </message>
    <message>
      <source>{0}, or choose a smaller size.</source>
      <translation>{0}。小さいサイズを選ぶこともできます。</translation>
    </message>
    <message>
      <source>{0}. Choose another folder or name.</source>
      <translation>{0}。別のフォルダーか名前を選んでください。</translation>
    </message>
    <message>
      <source>{0}.{1}: no layer of this model</source>
      <translation>{0}.{1}: このモデルの層ではありません</translation>
    </message>
    <message>
      <source>{0}.{1}: of {2} where {3} is needed</source>
      <translation>{0}.{1}: {3} が必要なところに {2} があります</translation>
    </message>
    <message>
      <source>{0}: a number in it is over {1}, or of layers {2}</source>
      <translation>{0}: 中の数が {1} を超えているか、層の数が {2} を超えています</translation>
    </message>
    <message>
      <source>{0}: a second one for this layer</source>
      <translation>{0}: この層に対する 2 つ目です</translation>
    </message>
    <message>
      <source>{0}: became shorter while it was read</source>
      <translation>{0}: 読み込み中に短くなりました</translation>
    </message>
    <message>
      <source>{0}: cannot be read: {1}</source>
      <translation>{0}: 読み込めません: {1}</translation>
    </message>
    <message>
      <source>{0}: could not be converted; a folder with {1} needs no conversion</source>
      <translation>{0}: 変換できませんでした。{1} のあるフォルダーなら変換は不要です</translation>
    </message>
    <message>
      <source>{0}: describes {1} where {2} is needed</source>
      <translation>{0}: {2} が必要なところに {1} を記述しています</translation>
    </message>
    <message>
      <source>{0}: files is not a table of at most {1} names</source>
      <translation>{0}: files が最大 {1} 件の表ではありません</translation>
    </message>
    <message>
      <source>{0}: format is not {1}; a newer version of this program may read it</source>
      <translation>{0}: 形式が {1} ではありません。新しいバージョンなら読み込めるかもしれません</translation>
    </message>
    <message>
      <source>{0}: is not among the files that {1} lists</source>
      <translation>{0}: {1} の一覧にありません</translation>
    </message>
    <message>
      <source>{0}: its sha256 is not the one {1} lists: damaged or exchanged; fetch it again</source>
      <translation>{0}: sha256 が {1} の記載と違います。壊れているか差し替えられています。入手し直してください</translation>
    </message>
    <message>
      <source>{0}: its states are {1} wide and {2} are needed</source>
      <translation>{0}: 状態の幅が {1} で、{2} が必要です</translation>
    </message>
    <message>
      <source>{0}: leads out of the folder</source>
      <translation>{0}: フォルダーの外を指しています</translation>
    </message>
    <message>
      <source>{0}: missing, and other formats are never opened</source>
      <translation>{0}: ありません。ほかの形式は開きません</translation>
    </message>
    <message>
      <source>{0}: not JSON: {1}</source>
      <translation>{0}: JSON ではありません: {1}</translation>
    </message>
    <message>
      <source>{0}: not a JSON object</source>
      <translation>{0}: JSON オブジェクトではありません</translation>
    </message>
    <message>
      <source>{0}: not a regular file</source>
      <translation>{0}: 通常のファイルではありません</translation>
    </message>
    <message>
      <source>{0}: not computed here</source>
      <translation>{0}: ここでは計算されません</translation>
    </message>
    <message>
      <source>{0}: not finite</source>
      <translation>{0}: 有限ではありません</translation>
    </message>
    <message>
      <source>{0}: not part of this model</source>
      <translation>{0}: このモデルの一部ではありません</translation>
    </message>
    <message>
      <source>{0}: only safetensors are read; {1} files can run code</source>
      <translation>{0}: 読み込むのは safetensors だけです。{1} ファイルはコードを実行できます</translation>
    </message>
    <message>
      <source>{0}: shape {1} where {2} is needed</source>
      <translation>{0}: 形が {1} で、{2} が必要です</translation>
    </message>
    <message>
      <source>{0}: shape {1}, not {2}</source>
      <translation>{0}: 形が {1} で、{2} ではありません</translation>
    </message>
    <message>
      <source>{0}: takes {1} bytes and {2} says {3}</source>
      <translation>{0}: {1} バイトですが、{2} では {3} です</translation>
    </message>
    <message>
      <source>{0}: takes {1} bytes; {2} are the most that is read</source>
      <translation>{0}: {1} バイトあり、読み込みの上限は {2} です</translation>
    </message>
    <message>
      <source>{0}: the record of {1} is not a sha256 and a count of bytes</source>
      <translation>{0}: {1} の記録が sha256 とバイト数ではありません</translation>
    </message>
    <message>
      <source>{0}: this model has no such part</source>
      <translation>{0}: このモデルにそのような部分はありません</translation>
    </message>
    <message>
      <source>{0}: {1} is not computed here; only {2} is</source>
      <translation>{0}: {1} はここでは計算できません。計算できるのは {2} だけです</translation>
    </message>
    <message>
      <source>{across} % of the width and {down} % of the height of {size}.</source>
      <translation>{size} の幅の {across} %、高さの {down} %。</translation>
    </message>
    <message>
      <source>{amount} are here</source>
      <translation>{amount} 取得済み</translation>
    </message>
    <message>
      <source>{amount} in {count} files</source>
      <translation>{amount}（{count} ファイル）</translation>
    </message>
    <message>
      <source>{amount} of {name} are here. Keep them?</source>
      <translation>{name} のうち {amount} が届いています。残しますか?</translation>
    </message>
    <message>
      <source>{base} + {superres} steps</source>
      <translation>{base} + {superres} ステップ</translation>
    </message>
    <message>
      <source>{changes}. Layers keep what lies outside.</source>
      <translation>{changes}。レイヤーは外側の部分も保持します。</translation>
    </message>
    <message>
      <source>{count} damaged</source>
      <translation>破損 {count} 件</translation>
    </message>
    <message>
      <source>{count} jobs</source>
      <translation>{count} 件のジョブ</translation>
    </message>
    <message>
      <source>{count} million parameters</source>
      <translation>パラメーター {count} 百万個</translation>
    </message>
    <message>
      <source>{count} min</source>
      <translation>{count} 分</translation>
    </message>
    <message>
      <source>{count} more</source>
      <translation>あと {count} 件</translation>
    </message>
    <message>
      <source>{count} of {total} cells are made anew</source>
      <translation>セル {total} 個中 {count} 個を作り直します</translation>
    </message>
    <message>
      <source>{count} of {total} iterations are made and stay. The others are made with what you choose here, as another run; this one is kept.</source>
      <translation>{total} 回の反復のうち {count} 回はできていて、そのまま残ります。残りはここで選んだ内容で、別の実行として作られます。この実行も残ります。</translation>
    </message>
    <message>
      <source>{count} pictures</source>
      <translation>{count} 枚の画像</translation>
    </message>
    <message>
      <source>{count} pictures are in the trash.</source>
      <translation>{count} 枚の画像をごみ箱に移しました。</translation>
    </message>
    <message>
      <source>{count} pictures could not be deleted.</source>
      <translation>{count} 枚の画像を削除できませんでした。</translation>
    </message>
    <message>
      <source>{count} pictures, {seconds} s, played again and again.</source>
      <translation>{count} 枚、{seconds} 秒、繰り返し再生。</translation>
    </message>
    <message>
      <source>{count} s</source>
      <translation>{count} 秒</translation>
    </message>
    <message>
      <source>{count} steps</source>
      <translation>{count} ステップ</translation>
    </message>
    <message>
      <source>{count} steps are left out, for their pictures were let go to save memory.</source>
      <translation>{count} ステップは、メモリ節約のため画像が手放されたので含まれません。</translation>
    </message>
    <message>
      <source>{count} steps/s</source>
      <translation>毎秒 {count} ステップ</translation>
    </message>
    <message>
      <source>{count} variations</source>
      <translation>{count} 個のバリエーション</translation>
    </message>
    <message>
      <source>{done} of {total}</source>
      <translation>{total} 中 {done}</translation>
    </message>
    <message>
      <source>{folder}, where {amount} are free</source>
      <translation>{folder}（空き {amount}）</translation>
    </message>
    <message>
      <source>{found} of {count} pictures</source>
      <translation>{count} 枚中 {found} 枚</translation>
    </message>
    <message>
      <source>{free} of {total} are free.</source>
      <translation>{total} のうち {free} が空いています。</translation>
    </message>
    <message>
      <source>{free} of {total} were free when the model was loaded.</source>
      <translation>モデルの読み込み時は {total} のうち {free} が空いていました。</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} 時間 {minutes} 分</translation>
    </message>
    <message>
      <source>{keys} belongs to “{other}” now. Use it, and “{other}” loses it; or press other keys.</source>
      <translation>{keys} は今「{other}」に割り当てられています。使うと「{other}」から外れます。別のキーを押すこともできます。</translation>
    </message>
    <message>
      <source>{keys} is free.</source>
      <translation>{keys} は空いています。</translation>
    </message>
    <message>
      <source>{minutes} min left</source>
      <translation>残り {minutes} 分</translation>
    </message>
    <message>
      <source>{name} copy</source>
      <translation>{name} のコピー</translation>
    </message>
    <message>
      <source>{name} is fetched and verified. It is in the list of models.</source>
      <translation>{name} を取得し、検証しました。モデルの一覧にあります。</translation>
    </message>
    <message>
      <source>{name} is used as soon as this picture is finished.</source>
      <translation>この画像が終わり次第、{name} を使います。</translation>
    </message>
    <message>
      <source>{name} makes no pictures of {size} px, so they are made at its own size, {own} px.</source>
      <translation>{name} は {size} px の画像を作れないので、モデルのサイズ {own} px で作ります。</translation>
    </message>
    <message>
      <source>{name} was fetched by this program. Delete its files, too?</source>
      <translation>{name} はこのプログラムが取得しました。ファイルも削除しますか?</translation>
    </message>
    <message>
      <source>{name}, typed</source>
      <translation>{name}、数値入力</translation>
    </message>
    <message>
      <source>{name}: type a number, or press the arrow keys</source>
      <translation>{name}: 数値を入力するか、矢印キーで変更します</translation>
    </message>
    <message>
      <source>{percent} % decided</source>
      <translation>{percent} % 確定</translation>
    </message>
    <message>
      <source>{percent} % of this stage is decided and stays. The rest is made with what you choose here, as another run; this one is kept.</source>
      <translation>この段階の {percent} % は確定していて、そのまま残ります。残りはここでの設定で、別の実行として作られます。今の実行は残ります。</translation>
    </message>
    <message>
      <source>{percent} % of {size}.</source>
      <translation>{size} の {percent} %。</translation>
    </message>
    <message>
      <source>{percent} % opaque</source>
      <translation>不透明度 {percent} %</translation>
    </message>
    <message>
      <source>{percent} % sure</source>
      <translation>確信度 {percent} %</translation>
    </message>
    <message>
      <source>{percent} percent done</source>
      <translation>{percent} パーセント完了</translation>
    </message>
    <message>
      <source>{seconds} s left</source>
      <translation>残り {seconds} 秒</translation>
    </message>
    <message>
      <source>{side} in pixels</source>
      <translation>{side}(ピクセル)</translation>
    </message>
    <message>
      <source>{side} px</source>
      <translation>{side} px</translation>
    </message>
    <message>
      <source>{side} × {side} px</source>
      <translation>{side} × {side} px</translation>
    </message>
    <message>
      <source>{size} pixels are more than the {most} million that a picture may have.</source>
      <translation>{size} ピクセルは、画像の上限 {most} 百万ピクセルを超えています。</translation>
    </message>
    <message>
      <source>{size}, in use</source>
      <translation>{size}、使用中</translation>
    </message>
    <message>
      <source>{stage}, step {number} of {total}</source>
      <translation>{stage}、ステップ {number} / {total}</translation>
    </message>
    <message>
      <source>{stage}: step {step} of {total}</source>
      <translation>{stage}: ステップ {step} / {total}</translation>
    </message>
    <message>
      <source>{stage}: {what}</source>
      <translation>{stage}の{what}</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>残り {time}</translation>
    </message>
    <message>
      <source>{told}. Computes in {numbers}.</source>
      <translation>{told}。{numbers} で計算します。</translation>
    </message>
    <message>
      <source>{which}. Click to show another; left and right arrow do the same</source>
      <translation>{which}。クリックで別のものを表示。左右の矢印キーでも切り替わります</translation>
    </message>
    <message>
      <source>{width} × {height} px</source>
      <translation>{width} × {height} px</translation>
    </message>
    <message>
      <source>{words}, seed {seed}</source>
      <translation>{words}、シード {seed}</translation>
    </message>
    <message>
      <source>{words}, starred</source>
      <translation>{words}、スター付き</translation>
    </message>
    <message>
      <source>“{0}/{1}” is missing. Fetch the cascade again.</source>
      <translation>「{0}/{1}」がありません。カスケードを取得し直してください。</translation>
    </message>
    <message>
      <source>“{0}” cannot be opened: {1}.</source>
      <translation>「{0}」を開けません: {1}。</translation>
    </message>
    <message>
      <source>“{0}” cannot be read.</source>
      <translation>「{0}」を読み込めません。</translation>
    </message>
    <message>
      <source>“{0}” could not be deleted whole. Close what uses it, and try again.</source>
      <translation>「{0}」をすべて削除することはできませんでした。使っているものを閉じて、もう一度試してください。</translation>
    </message>
    <message>
      <source>“{0}” could not be saved: {1}</source>
      <translation>「{0}」を保存できませんでした: {1}</translation>
    </message>
    <message>
      <source>“{0}” ended too early. Try again later: what has come is kept.</source>
      <translation>「{0}」が途中で終わりました。届いた分は残っています。後でもう一度試してください。</translation>
    </message>
    <message>
      <source>“{0}” has no safetensors, only files that can run code when they are opened. They are never opened: ask whoever made this cascade for safetensors.</source>
      <translation>「{0}」には safetensors がなく、開くとコードを実行できるファイルしかありません。それらは決して開きません。このカスケードの作者に safetensors を頼んでください。</translation>
    </message>
    <message>
      <source>“{0}” has no tokenizer: tokenizer/tokenizer.json is missing. Fetch the cascade again.</source>
      <translation>「{0}」にはトークナイザーがありません。tokenizer/tokenizer.json が見つかりません。カスケードを取得し直してください。</translation>
    </message>
    <message>
      <source>“{0}” has {1}: it is cut off or another file. Fetch the cascade again.</source>
      <translation>「{0}」は{1}で、途中で切れているか別のファイルです。カスケードを入手し直してください。</translation>
    </message>
    <message>
      <source>“{0}” holds {1} snapshots. Choose the one in its folder “snapshots”.</source>
      <translation>「{0}」にはスナップショットが {1} 個あります。その中のフォルダー「snapshots」から選んでください。</translation>
    </message>
    <message>
      <source>“{0}” in the history is damaged. Delete it, or restore it from a copy.</source>
      <translation>履歴の「{0}」が壊れています。削除するか、控えから戻してください。</translation>
    </message>
    <message>
      <source>“{0}” is a LoRA, which changes another model and is none by itself. Load it on top of an aMUSEd model.</source>
      <translation>「{0}」は LoRA です。ほかのモデルを変えるもので、それ自体はモデルではありません。aMUSEd のモデルに重ねて読み込んでください。</translation>
    </message>
    <message>
      <source>“{0}” is a file that can run code when it is opened. It is never opened: choose a cascade's folder.</source>
      <translation>「{0}」は、開くとコードを実行できるファイルです。決して開きません。カスケードのフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>“{0}” is a file that can run code when it is opened. Only folders of safetensors are taken: ask whoever made this cascade for one, or remove the file if nothing needs it.</source>
      <translation>「{0}」は開くとコードを実行できるファイルです。使えるのは safetensors のフォルダーだけです。作者に用意してもらうか、不要ならこのファイルを取り除いてください。</translation>
    </message>
    <message>
      <source>“{0}” is a folder or a device where a file belongs.</source>
      <translation>「{0}」はファイルではなく、フォルダーかデバイスです。</translation>
    </message>
    <message>
      <source>“{0}” is a link that leads out of the folder. Replace it by the file itself.</source>
      <translation>「{0}」はフォルダーの外へのリンクです。ファイルそのものに置き換えてください。</translation>
    </message>
    <message>
      <source>“{0}” is a model of another kind, such as Stable Diffusion. It cannot run here.</source>
      <translation>「{0}」は Stable Diffusion など別の種類のモデルです。ここでは動きません。</translation>
    </message>
    <message>
      <source>“{0}” is a single file. A cascade is a folder with {1} and safetensors in it.</source>
      <translation>「{0}」は単独のファイルです。カスケードは {1} と safetensors を含むフォルダーです。</translation>
    </message>
    <message>
      <source>“{0}” is a single file. A cascade is a folder with {1} or {2} in it.</source>
      <translation>「{0}」は単独のファイルです。カスケードは {1} か {2} を含むフォルダーです。</translation>
    </message>
    <message>
      <source>“{0}” is damaged. Fetch the cascade again.</source>
      <translation>「{0}」が壊れています。カスケードを取得し直してください。</translation>
    </message>
    <message>
      <source>“{0}” is far too large to be what its name says.</source>
      <translation>「{0}」は名前のとおりのものにしては大きすぎます。</translation>
    </message>
    <message>
      <source>“{0}” is in the list already.</source>
      <translation>「{0}」はすでに一覧にあります。</translation>
    </message>
    <message>
      <source>“{0}” is missing. Fetch the cascade again.</source>
      <translation>「{0}」がありません。カスケードを入手し直してください。</translation>
    </message>
    <message>
      <source>“{0}” is no cascade: there is no {1} in it, and no {2}. Choose the folder that has one.</source>
      <translation>「{0}」はカスケードではありません。中に {1} も {2} もありません。それがあるフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>“{0}” is no kind of number to compute in: choose auto, float32 or bfloat16.</source>
      <translation>「{0}」は計算に使えない数の種類です。auto、float32、bfloat16 から選んでください。</translation>
    </message>
    <message>
      <source>“{0}” is no part of a cascade that runs here. Choose a cascade's folder.</source>
      <translation>「{0}」は、ここで動くカスケードの一部ではありません。カスケードのフォルダーを選んでください。</translation>
    </message>
    <message>
      <source>“{0}” is no safetensors file, whatever its name says. Fetch the cascade again.</source>
      <translation>「{0}」は名前に反して safetensors ファイルではありません。カスケードを入手し直してください。</translation>
    </message>
    <message>
      <source>“{0}” is not in the list.</source>
      <translation>「{0}」は一覧にありません。</translation>
    </message>
    <message>
      <source>“{0}” is not one of the published cascades that run here, which are aMUSEd, Meissonic and Monetico.{1}</source>
      <translation>「{0}」は、ここで動く公開カスケード（aMUSEd、Meissonic、Monetico）のどれでもありません。{1}</translation>
    </message>
    <message>
      <source>“{0}” is not there any more: another window has opened or discarded it.</source>
      <translation>「{0}」はもうありません。別のウィンドウが開いたか破棄しました。</translation>
    </message>
    <message>
      <source>“{0}” is not what was published: it has another size there.</source>
      <translation>「{0}」は公開されたものではありません。そこではサイズが違います。</translation>
    </message>
    <message>
      <source>“{0}” is not what was published: it is longer.</source>
      <translation>「{0}」は公開されたものではありません。長すぎます。</translation>
    </message>
    <message>
      <source>“{0}” is not what was published: it is shorter there.</source>
      <translation>「{0}」は公開されたものではありません。そこではもっと短くなっています。</translation>
    </message>
    <message>
      <source>“{0}” is not what was published: its hash is another. Nothing of that file is kept. Try again later, or set {1} to another address.</source>
      <translation>「{0}」は公開されたものではありません。ハッシュが違います。そのファイルは何も残していません。後でもう一度試すか、{1} に別のアドレスを設定してください。</translation>
    </message>
    <message>
      <source>“{0}” is of a newer format. A newer version of this program may read it.</source>
      <translation>「{0}」は新しい形式です。新しいバージョンなら読み込めるかもしれません。</translation>
    </message>
    <message>
      <source>“{0}” makes a whole picture in one stage, so it has no detail to make anew over what is there. Fill a mask instead, or choose a model of two stages.</source>
      <translation>「{0}」は 1 段階で画像全体を作るので、今あるものの上に作り直す細部がありません。代わりにマスクを塗るか、2 段階のモデルを選んでください。</translation>
    </message>
    <message>
      <source>“{0}” was not fetched by this program, so it deletes nothing there.</source>
      <translation>「{0}」はこのプログラムが取得したものではないので、そこでは何も削除しません。</translation>
    </message>
    <message>
      <source>“{name}” was changed by another program.</source>
      <translation>「{name}」は別のソフトで変更されています。</translation>
    </message>
    <message>
      <source>日本語 (&amp;Japanese)</source>
      <translation>日本語(&amp;J)</translation>
    </message>
  </context>
</TS>
