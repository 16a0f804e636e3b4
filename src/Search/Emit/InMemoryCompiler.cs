using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace DataSsl.Search.Emit;

/// <summary>Compiles emitted source as its user would, against the TorchSharp API alone and with warnings as errors, and loads it.</summary>
public static class InMemoryCompiler
{
    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(FindReferences);

    /// <summary>Compiles files into one assembly; an <see cref="InvalidOperationException"/> names the first error, which is ours and not the user's.</summary>
    public static Assembly Compile(string assemblyName, params string[] sources)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, generalDiagnosticOption: ReportDiagnostic.Error);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest)));
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create(assemblyName, trees, References.Value, options).Emit(image, options: new EmitOptions());
        if (!result.Success)
            throw new InvalidOperationException($"the emitted class does not compile: {result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error)}");
        image.Position = 0;
        return new AssemblyLoadContext(assemblyName, isCollectible: true).LoadFromStream(image);
    }

    /// <summary>The framework and the assembly that holds the TorchSharp API; nothing else of ours is visible to emitted code.</summary>
    private static List<MetadataReference> FindReferences()
    {
        var torch = typeof(TorchSharp.torch).Assembly.Location;
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trusted = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator);
        return [.. trusted.Where(path => Path.GetDirectoryName(path) == framework).Append(torch).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
