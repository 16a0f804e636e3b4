using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>
/// Writes one architecture of a plan, for images of one size, as a class for inference that needs nothing but .NET: the passes one after
/// the other, each map at its place in one piece of memory, and below them the kernels. It reads the weights file of the TorchSharp class.
/// </summary>
internal sealed partial class PureClassEmitter
{
    private readonly NetworkPlan plan;
    private readonly FixedClassSpec spec;
    private readonly SourceWriter w = new();
    private readonly PureSchedule passes;
    private readonly Schedule schedule;
    private readonly BufferPlan buffers;

    /// <summary>Where any map begins, in order.</summary>
    private readonly List<int> places;

    /// <summary>What stands on the network, within the file; null where it stands alone.</summary>
    private readonly PureHead? head;

    private PureClassEmitter(NetworkPlan plan, FixedClassSpec spec, PureHead? head = null)
    {
        (this.plan, this.spec, this.head, passes) = (plan, spec, head, new(plan, spec));
        schedule = passes.Schedule;
        buffers = new(schedule, passes.RoomOf);
        places = [.. schedule.Lives().Select(life => buffers[life.Value]).Distinct().OrderBy(offset => offset)];
    }

    /// <summary>The file: the class, and the kernels in a namespace of its own, so that several such files go into one project.</summary>
    /// <param name="head">A public class on the network, which then is no more than its part.</param>
    public static string Emit(NetworkPlan plan, FixedClassSpec spec, PureHead? head = null)
    {
        var emitter = new PureClassEmitter(plan, spec, head);
        var kernels = $"{spec.Namespace}.{head?.ClassName ?? spec.ClassName}Kernels";
        emitter.EmitFile(kernels, KernelSource.For([.. emitter.Kernels, .. head?.Kernels ?? []]));
        return emitter.w.ToString();
    }

    /// <summary>Several classes that share their kernels.</summary>
    public static string Emit(NetworkPlan plan, IReadOnlyList<FixedClassSpec> specs, string kernels)
    {
        var emitters = specs.Select(spec => new PureClassEmitter(plan, spec)).ToList();
        emitters[0].EmitFile(kernels, KernelSource.For(emitters.SelectMany(e => e.Kernels)));
        foreach (var emitter in emitters.Skip(1)) emitter.EmitNetwork();
        return string.Concat(emitters.Select(e => e.w.ToString()));
    }

    private IEnumerable<string> Kernels => [.. passes.Kernels, .. TakesPictures ? new[] { CenterCropKernel } : []];

    private void EmitFile(string kernels, IReadOnlyList<KernelSource> sources)
    {
        foreach (var line in spec.Provenance) w.Line($"// {line.Replace('\n', ' ')}");
        w.Line("// Needs .NET 9 or later, <AllowUnsafeBlocks>true</AllowUnsafeBlocks> and nothing else.");
        w.Line("#nullable enable").Line(Names.NamePragma(head?.ClassName ?? spec.ClassName));
        w.Usings([.. sources.SelectMany(s => s.Namespaces), .. KernelSource.ImplicitNamespaces, kernels]).Line();
        if (head is not null)
        {
            w.Block($"namespace {spec.Namespace}", () => w.Line(head.Source));
            w.Line();
        }
        EmitNetwork();
        w.Line();
        w.Line("#pragma warning disable CS1573 // A parameter whose name says it all has no tag.");
        w.Block($"namespace {kernels}", () =>
        {
            for (var i = 0; i < sources.Count; i++)
            {
                if (i > 0) w.Line();
                w.Line(sources[i].Text);
            }
        });
    }

    private void EmitNetwork() => w.Block($"namespace {spec.Namespace}", () =>
    {
        w.Line("/// <summary>");
        w.Line(
            $"/// A {plan.Space.Family} network{(spec.Head > 0 ? $" with a head for {spec.Head} classes" : "")} for inference: {Names.Giga(plan.Macs(spec.Choices, spec.Size))} GMACs at {spec.Size} pixels.");
        w.Line("/// Maps and weights have their places from the start: after the first image nothing is allocated. One call at a time.");
        w.Line("/// </summary>");
        w.Block($"{(head is null ? "public" : "internal")} sealed unsafe class {spec.ClassName} : IDisposable", () =>
        {
            EmitConstants();
            EmitFields();
            EmitLoad();
            EmitEmbed();
            if (TakesPictures) EmitPictures();
            EmitFeatures();
            EmitRun();
            EmitChecks();
        });
    });
}
