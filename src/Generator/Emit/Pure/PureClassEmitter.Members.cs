using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

internal sealed partial class PureClassEmitter
{
    private void EmitConstants()
    {
        Constant("Channels", schedule.Image.Channels, "Channels of an image.");
        Constant("Side", spec.Size, "Side of an image in pixels.");
        Constant("Width", schedule.Embedding.Channels, "Values of an embedding.");
        if (spec.Head > 0) Constant("Classes", spec.Head, "Classes of the head.");
        // How long a value is, and where the results of all passes lie.
        w.Line("private const int ImageLength = Channels * Side * Side;");
        foreach (var (tap, value) in schedule.Taps)
            w.Line($"private const int {Length(tap)} = {value.Channels} * {value.Side} * {value.Side};");
        w.Line($"private const int EmbeddingAt = {Digits.Of(buffers[schedule.Embedding])};");
        if (schedule.Logits is { } logits) w.Line($"private const int LogitsAt = {Digits.Of(buffers[logits])};");
        w.Line();

        void Constant(string name, int value, string summary)
        {
            w.Summary(summary);
            w.Line($"public const int {name} = {Digits.Of(value)};").Line();
        }
    }

    private void EmitFields()
    {
        w.Line("private readonly Machine machine;");
        w.Line("private readonly Floats memory;");
        foreach (var step in passes.Steps)
        {
            if (step.Positions.Length > 0) w.Line($"private readonly Positions {PositionsField};");
            w.Line($"private readonly {step.Type} {step.Field};");
        }
        w.Line();
        w.Block($"{(head is null ? "private" : "internal")} {spec.ClassName}(Weights weights, Machine machine)", () =>
        {
            w.Line("this.machine = machine;");
            w.Line("IsChecked = weights.IsChecked;");
            w.Line($"memory = new({Digits.Of(buffers.Length)});");
            foreach (var step in passes.Steps)
            {
                if (step.Positions.Length > 0) w.Line($"{PositionsField} = new({step.Positions});");
                w.Line($"{step.Field} = {step.New}(machine, {step.AllArguments});");
            }
        });
        w.Line();
    }

    private void EmitLoad()
    {
        w.Summary(
            "Whether the file of weights has a checksum, which it has passed; one of another writer has none, and a changed value in it "
                + "goes unseen.");
        w.Line("public bool IsChecked { get; }").Line();
        if (head is null) EmitLoadAlone();
        w.Summary("Ends the threads.");
        w.Line("public void Dispose() => machine.Dispose();").Line();
    }

    private void EmitLoadAlone()
    {
        w.Line(
            $"/// <summary>Loads weights of {(spec.Bytes is null ? "32 or 16" : "8")} bits from a safetensors file with this network's keys, and prepares them for this machine.</summary>");
        w.Line("/// <param name=\"path\">The file; a classification head in it is passed over where this class has none.</param>");
        w.Line("/// <param name=\"threads\">Threads that share the work of each image.</param>");
        w.Line("/// <param name=\"vectorBits\">128, 256 or 512; 0 for the widest that the machine has.</param>");
        w.Line(
            "/// <exception cref=\"InvalidDataException\">A tensor is missing, has another shape or type, or is not finite or of another "
                + "network; or the file is damaged.</exception>");
        w.Block($"public static {spec.ClassName} Load(string path, int threads = 1, int vectorBits = 0)", () =>
        {
            w.Line("var weights = new Weights(path);");
            w.Line("var machine = new Machine(threads, vectorBits);");
            w.Block("try", () =>
            {
                w.Line($"var network = new {spec.ClassName}(weights, machine);");
                w.Line("weights.MustBeAllRead();");
                w.Line("return network;");
            });
            w.Block("catch", () => w.Line("machine.Dispose();").Line("throw;"));
        });
        w.Line();
    }

    private const string PositionsField = "positions";
}
