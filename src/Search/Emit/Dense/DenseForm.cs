using DataSsl.Runtime;
using DataSsl.Search.Emit.Forms;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A form that an emitted detector or segmenter has: the file it is, and how it is run.</summary>
public abstract class DenseForm
{
    /// <summary>Over the TorchSharp API; its weights are those of the others.</summary>
    public static DenseForm Class { get; } = new DenseClassForm();

    /// <summary>Standard operators alone, what comes behind the network among them.</summary>
    public static DenseForm Onnx { get; } = new DenseOnnxForm();

    /// <summary>Needs nothing but .NET.</summary>
    public static DenseForm CSharp { get; } = new DensePureForm();

    /// <summary>The class comes first.</summary>
    public static IReadOnlyList<DenseForm> All { get; } = [Class, Onnx, CSharp];

    /// <summary>Its word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What its file's name has behind the class's.</summary>
    public abstract string Ending { get; }

    /// <summary>The forms of a list such as <c>class,onnx</c>, the class always among them.</summary>
    /// <exception cref="UserException">One is unknown.</exception>
    public static IReadOnlyList<DenseForm> Parse(string list) => FormList.Parse(list, All, form => form.Name);

    /// <summary>Writes its files into the draft's folder.</summary>
    internal abstract void Write(DenseDraft draft, IReadOnlyDictionary<string, Tensor> state);

    /// <summary>What it gives, written, for images [N, 3, S, S], of which each holds one of a size.</summary>
    /// <exception cref="InvalidDataException">It cannot be read back.</exception>
    internal abstract DenseOutput Run(DenseDraft draft, Tensor images, IReadOnlyList<(int Height, int Width)> sizes);
}
