using System.Reflection;
using DataSsl.Generator;
using DataSsl.Search.Networks;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A detector or segmenter that is not proven yet, in a folder of its own.</summary>
/// <param name="Metadata">What the weights and the ONNX model say of their origin.</param>
internal sealed record DenseDraft(DenseSpec Spec, string Folder, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The class of a proof's calls, in the namespace of the emitted ones.</summary>
    public const string Calls = "DenseCalls";

    /// <summary>A detection of any class as numbers, as <see cref="Found"/> reads them: the end of a proof's call.</summary>
    public const string Flat = "d => new float[] { d.Left, d.Top, d.Right, d.Bottom, d.Score, d.Label }";

    /// <summary>The weights of every form.</summary>
    public string Weights => Path.Combine(Folder, Spec.ClassName + ".safetensors");

    /// <summary>The backbone's class.</summary>
    public string Backbone => Path.Combine(Folder, Spec.Network.ClassName + ".cs");

    /// <summary>The reader of weights that classes of the namespace share.</summary>
    public string Reader => Path.Combine(Folder, SpaceCompiler.WeightsReaderFile(Spec.Network.Namespace));

    public string File(DenseForm form) => Path.Combine(Folder, Spec.ClassName + form.Ending);

    /// <summary>The class <see cref="Calls"/>, compiled with emitted ones.</summary>
    /// <param name="calls">Its members.</param>
    /// <param name="emitted">Files beside it.</param>
    public Type Compiled(string calls, params string[] emitted) => InMemoryCompiler
        .Compile(
            "DataSslDenseProof",
            [
                $$"""
                using System;
                using System.Linq;
                namespace {{Spec.Network.Namespace}};
                public static class {{Calls}}
                {
                {{calls}}
                }
                """,
                .. emitted.Select(System.IO.File.ReadAllText),
            ])
        .GetType($"{Spec.Network.Namespace}.{Calls}", throwOnError: true)!;

    /// <summary>One of its members.</summary>
    public static T Method<T>(Type calls, string name) where T : Delegate =>
        calls.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<T>();

    /// <summary>The boxes of images that came as numbers.</summary>
    public static Objects Found(IEnumerable<float[]> images) => new(
        [
            .. images.Select(image => image.Chunk(6).Select(d => new FoundBox((d[0], d[1], d[2], d[3]), d[4], (int)d[5])).ToList()),
        ]);
}
