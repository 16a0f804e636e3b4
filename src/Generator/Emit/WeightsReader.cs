using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Emit;

/// <summary>
/// The reader of weights' files as it stands in the kernels' source, the one of all forms: within a class that stands alone, or in a file
/// that several share.
/// </summary>
internal static class WeightsReader
{
    /// <summary>The class that emitted code names.</summary>
    public const string ClassName = "WeightsFile";

    /// <summary>Its file beside classes of a namespace: those of another may lie in the same folder.</summary>
    public static string FileName(string @namespace) => $"{@namespace}.{ClassName}.cs";

    private static IReadOnlyList<KernelSource> Sources => KernelSource.For([ClassName]);

    /// <summary>What its code uses, said in the kernels' files or not.</summary>
    public static IEnumerable<string> Namespaces =>
        Sources.SelectMany(s => s.Namespaces).Concat(["System", "System.Collections.Generic", "System.IO"]);

    public static void EmitNested(SourceWriter w)
    {
        foreach (var file in Sources) w.Line().Line(file.Nested);
    }

    /// <summary>The file beside classes that share it.</summary>
    public static string Emit(string @namespace)
    {
        var w = new SourceWriter();
        w.Line("// Reads files of weights (safetensors) for the networks beside it, and checks them.").Line("#nullable enable").Line();
        w.Usings(Namespaces).Line().Line($"namespace {@namespace};");
        foreach (var file in Sources) w.Line().Line(file.Text);
        return w.ToString();
    }
}
