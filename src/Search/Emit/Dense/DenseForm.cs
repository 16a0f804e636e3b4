using DataSsl.Runtime;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A form that an emitted detector or segmenter has.</summary>
/// <param name="Name">Its word on the command line.</param>
/// <param name="Ending">What its file's name has behind the class's.</param>
public sealed record DenseForm(string Name, string Ending)
{
    /// <summary>Over the TorchSharp API; its weights are those of the others.</summary>
    public static DenseForm Class { get; } = new("class", ".cs");

    /// <summary>Standard operators alone, what comes behind the network among them.</summary>
    public static DenseForm Onnx { get; } = new("onnx", ".onnx");

    /// <summary>Needs nothing but .NET.</summary>
    public static DenseForm CSharp { get; } = new("csharp", "Pure.cs");

    /// <summary>The class comes first.</summary>
    public static IReadOnlyList<DenseForm> All { get; } = [Class, Onnx, CSharp];

    /// <summary>The forms of a list such as <c>class,onnx</c>, the class always among them.</summary>
    /// <exception cref="UserException">One is unknown.</exception>
    public static IReadOnlyList<DenseForm> Parse(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
            if (All.All(form => form.Name != name))
                throw new UserException(
                    $"--forms {list}: '{name}' is no form of a detector or segmenter; those are {string.Join(", ", All.Select(form => form.Name))}");
        return [.. All.Where((form, i) => i == 0 || names.Contains(form.Name))];
    }
}
