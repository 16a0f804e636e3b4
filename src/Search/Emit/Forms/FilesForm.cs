using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// Not a network but the methods of its C# classes that take image files, decoded by OpenCV: apart from the classes, since these need no
/// decoder.
/// </summary>
internal sealed class FilesForm : WinnerForm
{
    private static readonly WinnerForm[] Others = [new FoldedForm(), new CSharpForm(), new CSharpInt8Form()];

    public override string Name => "files";

    public override double Tolerance => 1e-5;

    public override bool TakesPictures => true;

    internal override bool GivesMaps => false;

    internal override bool Applies(WinnerDraft draft) => draft.PictureChannels > 0;

    public override string FileName(string className) => className + "Files.cs";

    internal override void Write(WinnerDraft draft) => AtomicFile.WriteText(
        draft.File(this),
        SpaceCompiler.EmitFiles(
            draft.Spec, draft.PictureChannels,
            [
                draft.Spec.ClassName,
                .. Others.Where(form => File.Exists(draft.File(form)))
                    .Select(form => Path.GetFileNameWithoutExtension(form.FileName(draft.Spec.ClassName))),
            ]));

    /// <summary>The pictures as files without loss, by the class itself.</summary>
    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        var sources = Directory.GetFiles(draft.Folder, "*.cs").Select(File.ReadAllText).ToArray();
        var compiled = InMemoryCompiler.Compile("DataSslFiles", sources, typeof(OpenCvSharp.Cv2).Assembly);
        var name = $"{draft.Spec.Namespace}.{draft.Spec.ClassName}";
        using var network = draft.Load(compiled.GetType(name, throwOnError: true)!, draft.Weights);
        var methods = compiled.GetType(name + "Files", throwOnError: true)!;
        return new(draft.OfPictures(method =>
        {
            var call = methods.GetMethod(method, [network.GetType(), typeof(byte[])])!.CreateDelegate<Func<byte[], float[]>>(network);
            return picture => call(ImageFile.Encode(picture, jpeg: false));
        })!);
    }
}
