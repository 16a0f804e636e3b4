using System.Linq;
using System.Text;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator;

/// <summary>Turns every <c>*.space.yaml</c> among a project's additional files into a supernet class, and lists them all in a registry.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class SpaceGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.AdditionalTextsProvider
            .Where(static file => SpaceFile.Matches(file))
            .Select(static (file, cancellation) => SpaceFile.Read(file, cancellation)).WithTrackingName(TrackingNames.Files)
            .Select(static (file, _) => SpaceCompiler.Parse(file.Path, file.Text)).WithTrackingName(TrackingNames.Parsed);

        // Source and diagnostics are two outputs: a diagnostic that moves by a line must not emit C# again, nor a comment.
        var spaces = parsed.SelectMany(static (file, _) => file.Space is null ? [] : new[] { file.Space }).WithTrackingName(TrackingNames.Spaces);
        var diagnostics = parsed.SelectMany(static (file, _) => file.Diagnostics).WithTrackingName(TrackingNames.Diagnostics);

        var named = parsed.Where(static file => file.Space is not null).Select(static (file, _) => new NamedSpace(file.Space!.Name, file.Space.Namespace, file.Path)).Collect();
        var duplicates = named.SelectMany(static (all, _) => NamedSpace.Duplicates(all)).WithTrackingName(TrackingNames.Duplicates);
        var registry = named.Select(static (all, _) => NamedSpace.Distinct(all)).WithTrackingName(TrackingNames.Registry);

        // Two spaces of one name would write one file twice: neither is emitted, the others are.
        var emitted = spaces.Combine(registry)
            .Where(static pair => pair.Right.Any(s => s.Name == pair.Left.Name))
            .Select(static (pair, _) => pair.Left).WithTrackingName(TrackingNames.Emitted);

        context.RegisterSourceOutput(diagnostics, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
        context.RegisterSourceOutput(duplicates, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
        context.RegisterSourceOutput(emitted, static (output, space) => output.AddSource($"{space.Name}.g.cs", Utf8(SpaceCompiler.EmitSupernet(space))));
        context.RegisterSourceOutput(registry, static (output, all) =>
        {
            if (all.Count > 0) output.AddSource("CompiledSpaces.g.cs", Utf8(RegistryEmitter.Emit(all)));
        });
    }

    private static SourceText Utf8(string text) => SourceText.From(text, Encoding.UTF8);
}
