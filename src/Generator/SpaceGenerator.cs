using System.Linq;
using System.Text;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Parsing;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator;

/// <summary>
/// Turns every <c>*.space.yaml</c> among a project's additional files into a supernet class, lists them all in a registry, and turns every
/// <c>*.arch.yaml</c> into the class of one architecture.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SpaceGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // The compilation is no input: whatever happens to the project's C#, nothing here runs.
        var options = context.AnalyzerConfigOptionsProvider.Select(static (provider, _) => GeneratorOptions.Read(provider))
            .WithTrackingName(TrackingNames.Options);
        var parsed = context.AdditionalTextsProvider.Where(static file => YamlFile.IsSpace(file))
            .Select(static (file, cancellation) => YamlFile.Read(file, cancellation)).WithTrackingName(TrackingNames.Files)
            .Combine(options)
            .Select(static (pair, _) => SpaceCompiler.Parse(pair.Left.Path, pair.Left.Text, pair.Right.SpaceNamespace))
                .WithTrackingName(TrackingNames.Parsed);
        var spaces = parsed.SelectMany(static (file, _) => file.Space is null ? [] : new[] { file.Space })
            .WithTrackingName(TrackingNames.Spaces);

        // An architecture sees all spaces of the project, since it names its own.
        var architectures = context.AdditionalTextsProvider.Where(static file => YamlFile.IsArchitecture(file))
            .Select(static (file, cancellation) => YamlFile.Read(file, cancellation)).WithTrackingName(TrackingNames.ArchitectureFiles)
            .Combine(spaces.Collect()).Combine(options)
            .Select(
                    static (pair, _) =>
                        ArchitectureParser.Parse(pair.Left.Left.Path, pair.Left.Left.Text, pair.Left.Right, pair.Right.ModelNamespace))
                .WithTrackingName(TrackingNames.Architectures);
        var classes = architectures.SelectMany(static (file, _) => file.Class is null ? [] : new[] { file.Class })
            .WithTrackingName(TrackingNames.Classes);

        var declaredSpaces = parsed.SelectMany(static (file, _) =>
            file.Space is null ? [] : new[] { new DeclaredClass(file.Space.Name, file.Space.Namespace, file.Path) })
                .WithTrackingName(TrackingNames.DeclaredSpaces).Collect();
        var declaredClasses = architectures.SelectMany(static (file, _) =>
            file.Class is null ? [] : new[] { new DeclaredClass(file.Class.Spec.ClassName, file.Class.Spec.Namespace, file.Path) })
                .WithTrackingName(TrackingNames.DeclaredClasses).Collect();
        var clashes = declaredSpaces.Combine(declaredClasses)
            .Select(static (pair, _) => DeclaredClass.Clashes(pair.Left.Concat(pair.Right))).WithTrackingName(TrackingNames.Clashes);
        var registry = declaredSpaces.Combine(clashes).Select(static (pair, _) => DeclaredClass.Listed(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.Registry);

        // Source and diagnostics are separate outputs: a diagnostic that moves by a line must not emit C# again, nor a comment.
        Report(context, options.SelectMany(static (o, _) => o.Diagnostics));
        Report(context, parsed.SelectMany(static (file, _) => file.Diagnostics).WithTrackingName(TrackingNames.Diagnostics));
        Report(context, architectures.SelectMany(static (file, _) => file.Diagnostics));
        Report(context, clashes.SelectMany(static (all, _) => DeclaredClass.Report(all)));

        context.RegisterSourceOutput(
            spaces.Combine(clashes).Where(static pair => !pair.Right.Any(c => c.HasName(pair.Left.Name)))
                .Select(static (pair, _) => pair.Left).WithTrackingName(TrackingNames.Emitted),
            static (output, space) => output.AddSource($"{space.Name}.g.cs", Utf8(SpaceCompiler.EmitSupernet(space))));
        context.RegisterSourceOutput(
            classes.Combine(clashes).Where(static pair => !pair.Right.Any(c => c.HasName(pair.Left.Spec.ClassName)))
                .Select(static (pair, _) => pair.Left).WithTrackingName(TrackingNames.EmittedClasses),
            static (output, c) =>
                output.AddSource($"{c.Spec.ClassName}.g.cs", Utf8(SpaceCompiler.EmitFixedClass(SpaceCompiler.Lower(c.Space), c.Spec))));
        context.RegisterSourceOutput(registry, static (output, all) =>
        {
            if (all.Count > 0) output.AddSource("CompiledSpaces.g.cs", Utf8(RegistryEmitter.Emit(all)));
        });
    }

    private static void Report(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<DiagnosticInfo> diagnostics) =>
        context.RegisterSourceOutput(diagnostics, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));

    private static SourceText Utf8(string text) => SourceText.From(text, Encoding.UTF8);
}
