using System.Globalization;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Times training steps of ours and of peers.</summary>
/// <param name="Steps">Counted steps of each contestant; one more warms up.</param>
/// <param name="Queue">Keys that the loss compares with.</param>
/// <param name="NormGroups">Groups of the batch with BatchNorm statistics of their own.</param>
internal sealed record StepBench(
    SearchSpace Space, int Size, int Batch, int Threads, int Steps, ComputeType Compute, Device Device, int Queue, int NormGroups,
    Field Field)
{
    /// <summary>
    /// The forms of the peers, by name: the supernet without wasted work, the three students as static networks, the released style.
    /// </summary>
    private static readonly (string TorchSharp, string PyTorch, string Form)[] Forms =
    [
        (Entry.TorchSharp, Entry.PyTorch, "best"), (Entry.TorchSharpStatic, Entry.PyTorchStatic, "static"),
        (Entry.TorchSharpReleased, Entry.PyTorchReleased, "released"),
    ];

    public static IReadOnlyList<string> Peers { get; } = [.. Forms.Select(f => f.TorchSharp), .. Forms.Select(f => f.PyTorch)];

    /// <summary>The queue of our worker where it is told none, as of builds that know no other.</summary>
    public static int WorkerQueue(int batch) => 65536 / batch * batch;

    /// <summary>The queue that training takes for a set of so many images.</summary>
    public static int QueueFor(int images, int batch) =>
        ((MoCoOptions)new ObjectiveDefaults(batch, 200, images, 2048, IsTransformer: false).Objective(MoCoOptions.Id)).QueueLength;

    public Standings Run()
    {
        var text = new PeerText(Space, "bench step");
        var entries = Field.Of(
            Ours(), Forms.Select(f => TorchSharp(f.TorchSharp, f.Form, text)).Concat(Forms.Select(f => PyTorch(f.PyTorch, f.Form, text))));
        var of = Contest.Run(entries, Threads, Steps, "step", (contestant, step) => Line(contestant.Name, step, text));
        return new(
        [
            ("space", Space.Name), ("size", Size), ("batch", Batch), ("device", $"{Device}"), ("threads", Threads),
            ("compute", Compute.Word()), ("queue", Queue), ("norm groups", NormGroups), ("steps", Steps),
        ], of, [Entry.TorchSharp, Entry.PyTorch]);
    }

    private List<string> Ours()
    {
        List<string> arguments =
        [
            "bench", "worker", "--space", Space.Name, "--size", $"{Size}", "--batch", $"{Batch}", "--threads", $"{Threads}", "--compute",
            Compute.Word(), "--device", $"{Device}",
        ];
        // What a worker does anyway it is not told, so that earlier builds take part.
        if (Queue != WorkerQueue(Batch)) arguments.AddRange(["--queue", $"{Queue}"]);
        if (NormGroups != 1) arguments.AddRange(["--norm-groups", $"{NormGroups}"]);
        return arguments;
    }

    private Entry TorchSharp(string name, string form, PeerText text) =>
        new(name, PeerPrograms.TorchSharp, ["step", .. Settings(form, text)]);

    private Entry PyTorch(string name, string form, PeerText text) =>
        new(name, PeerPrograms.Python, [PeerPrograms.Script("gaia_step.py"), .. Settings(form, text)]);

    private string[] Settings(string form, PeerText text) =>
        [form, Compute.Word(), $"{Threads}", $"{Batch}", $"{Size}", .. text.Shape, $"{Device}", $"{Queue}", $"{NormGroups}"];

    /// <summary>The released rule draws Max, Min and one random; the others Max and two random, the same ones.</summary>
    private string Line(string name, int step, PeerText text)
    {
        var rule = name is Entry.TorchSharpReleased or Entry.PyTorchReleased ? SandwichRule.Released : SandwichRule.Algorithm1;
        var architectures = Sandwich.Draw(Space, rule, seed: 0, step);
        return string.Join(
            ' ',
            architectures.Select(
                a => name is Entry.Ours or Entry.Against ? Space.IndexOf(a).ToString(CultureInfo.InvariantCulture) : text.Of(a)));
    }
}
