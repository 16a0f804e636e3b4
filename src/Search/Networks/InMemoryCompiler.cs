using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Search.Networks;

/// <summary>
/// Compiles emitted source as its user would, against the TorchSharp API alone and with warnings as errors, and loads it.
/// </summary>
public static class InMemoryCompiler
{
    /// <summary>What the SDK sets for a build: a warning that a later compiler adds counts too.</summary>
    private const int EveryWarning = 9999;

    /// <summary>
    /// What the SDK silences for a build: TorchSharp is compiled for an earlier framework, which the present one stands in for.
    /// </summary>
    private static readonly Dictionary<string, ReportDiagnostic> s_quiet = new()
    {
        ["CS1701"] = ReportDiagnostic.Suppress,
        ["CS1702"] = ReportDiagnostic.Suppress,
    };

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(FindReferences);

    /// <summary>What a supernet is compiled against, besides what every emitted class is.</summary>
    public static IReadOnlyList<Assembly> UnderSupernets { get; } =
    [
        typeof(Runtime.Supernets.SearchSpace).Assembly, typeof(SearchSpaces.Axis).Assembly, typeof(Torch.Activation).Assembly,
    ];

    /// <summary>
    /// Compiles files into one assembly and loads it; an <see cref="InvalidOperationException"/> names the first error, which is ours and
    /// not the user's.
    /// </summary>
    public static Assembly Compile(string assemblyName, params string[] sources) => Loaded(assemblyName, Image(assemblyName, sources));

    /// <summary>The same of sources that may name a library beside the TorchSharp API.</summary>
    /// <inheritdoc cref="Compile(string, string[])"/>
    public static Assembly Compile(string assemblyName, IEnumerable<string> sources, Assembly library) =>
        Loaded(assemblyName, Image(assemblyName, sources, library));

    private static Assembly Loaded(string assemblyName, byte[] bytes)
    {
        using var image = new MemoryStream(bytes);
        return new AssemblyLoadContext(assemblyName, isCollectible: true).LoadFromStream(image);
    }

    /// <summary>The compiled assembly as it would stand in its file.</summary>
    /// <param name="libraries">What the sources may name beside what every emitted class may.</param>
    public static byte[] Image(string assemblyName, IEnumerable<string> sources, params IEnumerable<Assembly> libraries)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
            generalDiagnosticOption: ReportDiagnostic.Error,
            specificDiagnosticOptions: s_quiet, warningLevel: EveryWarning, deterministic: true);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest)));
        var references = References.Value.Concat(libraries.Select(library => MetadataReference.CreateFromFile(library.Location)));
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create(assemblyName, trees, references, options).Emit(image);
        return result.Success ? image.ToArray()
            : throw new InvalidOperationException(
                $"the emitted code does not compile: {result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error)}");
    }

    /// <summary>The framework and the assembly that holds the TorchSharp API; nothing else of ours is visible to emitted code.</summary>
    private static List<MetadataReference> FindReferences()
    {
        var torch = typeof(TorchSharp.torch).Assembly.Location;
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trusted = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator);
        return
        [
            .. trusted.Where(path => Path.GetDirectoryName(path) == framework).Append(torch)
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
    }
}
