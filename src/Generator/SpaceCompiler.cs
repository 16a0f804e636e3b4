using System.Collections.Generic;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Emit.Pure;
using DataSsl.Generator.Families;
using DataSsl.Generator.Parsing;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator;

/// <summary>The compiler as a library: the same steps that the generator runs at build time, for tools at run time.</summary>
public static class SpaceCompiler
{
    /// <summary>Where a space lives whose file does not say.</summary>
    public const string DefaultNamespace = "DataSsl.Spaces";

    /// <summary>Where a fixed class lives unless told otherwise.</summary>
    public const string DefaultModelNamespace = "DataSsl.Models";

    /// <summary>Reads the text of a space file; <paramref name="path"/> is only named in diagnostics.</summary>
    public static ParsedSpace Parse(string path, string text, string defaultNamespace = DefaultNamespace) =>
        SpaceParser.Parse(path, text, defaultNamespace);

    /// <summary>Lowers a space to its plan.</summary>
    public static NetworkPlan Lower(Space space) => Family.PlanOf(space);

    /// <summary>The C# of a space's supernet.</summary>
    public static string EmitSupernet(Space space) => SupernetEmitter.Emit(Lower(space));

    /// <summary>The C# of one architecture as a class that needs nothing but the TorchSharp API.</summary>
    public static string EmitFixedClass(NetworkPlan plan, FixedClassSpec spec) => FixedClassEmitter.Emit(plan, spec);

    /// <summary>The reader of weights that a fixed class uses, within it or shared.</summary>
    public const string WeightsReaderClass = WeightsReader.ClassName;

    /// <summary>The C# of the reader of weights that classes of a namespace share (<see cref="FixedClassSpec.SharesReader"/>).</summary>
    public static string EmitWeightsReader(string @namespace) => WeightsReader.Emit(@namespace);

    /// <summary>The name of its file.</summary>
    public static string WeightsReaderFile(string @namespace) => WeightsReader.FileName(@namespace);

    /// <summary>The methods of emitted classes that take image files, decoded by OpenCV.</summary>
    /// <param name="spec">The class that the others are forms of.</param>
    /// <param name="classes">The classes.</param>
    public static string EmitFiles(FixedClassSpec spec, int channels, IReadOnlyList<string> classes) =>
        FilesEmitter.Emit(spec, channels, classes);

    /// <summary>The name of a layer's pass in a pure class, which those of a block's layers begin with.</summary>
    /// <param name="key">Of the layer or block.</param>
    public static string PassOf(string key) => Names.Field(key);

    /// <summary>
    /// The C# of one architecture for inference, as a class that needs nothing but .NET; it takes images of the given size alone.
    /// </summary>
    /// <param name="head">A class on the network, which then is no more than its part; null for the network alone.</param>
    public static string EmitPureClass(NetworkPlan plan, FixedClassSpec spec, PureHead? head = null) =>
        PureClassEmitter.Emit(plan, spec, head);
}
