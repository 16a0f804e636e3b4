using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit.Forms;

namespace DataSsl.Search.Emit;

/// <summary>
/// What a person needs to know of a winner who has nothing but its files: <c>CLASS.md</c> to read, <c>CLASS.json</c> for machines, with the
/// same facts.
/// </summary>
internal static class ModelCard
{
    public static void Write(WinnerDraft draft, IEnumerable<FormProof> proofs, CardFacts facts, SearchSpace space)
    {
        var card = Facts(draft, proofs, facts, space);
        AtomicFile.WriteText(Path.Combine(draft.Folder, draft.Spec.ClassName + ".json"), IndentedJson.Of(card) + "\n");
        AtomicFile.WriteText(Path.Combine(draft.Folder, draft.Spec.ClassName + ".md"), Text(draft, card));
    }

    private static JsonObject Facts(WinnerDraft draft, IEnumerable<FormProof> proofs, CardFacts facts, SearchSpace space)
    {
        var (plan, spec) = (draft.Plan, draft.Spec);
        var card = new JsonObject
        {
            ["class"] = $"{spec.Namespace}.{spec.ClassName}",
            ["architecture"] = draft.Metadata["architecture"],
            ["space"] = space.Name,
            ["spaceHash"] = space.Hash,
            ["family"] = plan.Space.Family,
            ["size"] = spec.Size,
            ["macs"] = plan.Macs(spec.Choices, spec.Size),
            ["parameters"] = plan.Parameters(spec.Choices),
            ["embedding"] = plan.Embedding.At(spec.Choices),
            ["maps"] = new JsonArray([.. plan.Taps.Select(tap => (JsonNode)tap.Tap)]),
        };
        if (spec.Head > 0) card["classes"] = spec.Head;
        if (facts.Choice is { } choice)
        {
            card["task"] = choice.Task;
            card["budget"] = choice.Budget;
            card["candidatesWithinBudget"] = choice.Members;
            if (choice.Confidence is { } sure)
                card["confidence"] = new JsonObject { ["low"] = sure.Low, ["high"] = sure.High, ["indistinguishable"] = sure.Tied.Count };
            card["scores"] = new JsonObject(
                choice.Scores.Select(
                    s =>
                        KeyValuePair.Create(
                            s.Key,
                            (JsonNode?)new JsonObject { ["value"] = s.Value, ["metric"] = choice.Metrics.GetValueOrDefault(s.Key) })));
        }
        card["checkpoint"] = facts.Checkpoint;
        if (facts.From is { } from) card["startedFrom"] = from;
        if (facts.Teacher is { } teacher) card["learntFrom"] = teacher;
        card["data"] = facts.Data;
        card["seed"] = facts.Seed;
        card["madeBy"] = $"datassl {facts.Version}";
        card["license"] = facts.License;
        card[Preprocessing.Key] = Preprocessing.Facts(spec.Size, draft.Pixels);
        card["forms"] = new JsonArray([.. proofs.Select(proof => new JsonObject
        {
            ["form"] = proof.Form,
            ["file"] = Path.GetFileName(proof.Path),
            ["weights"] = Path.GetFileName(proof.WeightsPath),
            ["bytes"] = proof.Bytes,
            ["maxAbsDifference"] = proof.MaxAbsDifference,
            ["relativeDifference"] = proof.RelativeDifference,
            ["neighbourAgreement"] = proof.NeighbourAgreement,
            ["images"] = proof.Images,
            ["relativeDifferenceOfPictures"] = proof.Pictures,
            ["remark"] = proof.Remark,
        })]);
        return card;
    }

    private static string Text(WinnerDraft draft, JsonObject card)
    {
        var (name, text) = (draft.Spec.ClassName, new StringBuilder());
        Line($"# {name}");
        Line($"");
        Line(
            $"A {card["family"]} network that turns an image into a vector of {card["embedding"]} numbers, and into the maps {string.Join(", ", card["maps"]!.AsArray())} for dense tasks. Trained without labels.");
        Line($"");
        Line($"| | |");
        Line($"|---|---|");
        Row("architecture", $"`{card["architecture"]}` of {card["space"]} ({card["spaceHash"]})");
        Row(
            "cost",
            $"{(long)card["macs"]! / 1e9:0.0000} GMACs at {card["size"]} pixels, {(long)card["parameters"]! / 1e6:0.00} M parameters");
        if (card["classes"] is { } classes) Row("head", $"logits of {classes} classes, not trained: its weights are random");
        if (card["budget"] is { } budget)
            Row("chosen as", $"the best of {card["candidatesWithinBudget"]} within {budget} for {card["task"]}");
        if (card["confidence"] is { } confidence)
            Row(
                "confidence",
                $"95 % of its score for {card["task"]} lies from {(double)confidence["low"]!:0.0000} to {(double)confidence["high"]!:0.0000}; {confidence["indistinguishable"]} of the candidates cannot be told from it, itself included");
        if (card["scores"] is JsonObject scores)
            foreach (var (task, score) in scores)
                Row($"score for {task}", $"{(double)score!["value"]!:0.0000} ({score["metric"]})");
        Row("checkpoint", $"{card["checkpoint"]}");
        if (card["startedFrom"] is { } from) Row("started from", $"{Plain((string)from!)}");
        if (card["learntFrom"] is { } teacher) Row("learnt from", $"{Plain((string)teacher!)}");
        Row("data", $"{card["data"]}");
        Row("made by", $"{card["madeBy"]}, seed {card["seed"]}");
        Row("licence", $"{Plain((string)card["license"]!)}");
        Line($"");
        Line($"## Proof");
        Line($"");
        Line(
            $"Each form against the slice of the supernet that it is, on {card["forms"]![0]!["images"]} of the data's images: the relative difference (L2) of its embedding or of a map, whichever is the largest; and where the form itself makes its images of pictures, that of the embedding of some whole pictures.");
        Line($"");
        Line($"| form | file | bytes | relative difference | of pictures | same nearest neighbour |");
        Line($"|---|---|---|---|---|---|");
        foreach (var form in card["forms"]!.AsArray())
            Line(
                $"| {form!["form"]} | `{form["file"]}` | {form["bytes"]} | {(double)form["relativeDifference"]!:g2} | {(form["relativeDifferenceOfPictures"] is { } ofPictures ? FormattableString.Invariant($"{(double)ofPictures:g2}") : "")} | {(form["neighbourAgreement"] is { } agreement ? FormattableString.Invariant($"{(double)agreement:0.0 %}") : "none to choose")} |");
        Line($"");
        Line($"## Use");
        Line($"");
        Line(
            $"Images are [N, {draft.Plan.Space.InputChannels}, {card["size"]}, {card["size"]}]: {Preprocessing.Words(draft.Spec.Size, draft.Pixels)}{(draft.PictureChannels > 0 ? $". `Embed({Pixels(draft.PictureChannels)}, width, height)` of each class does that by itself{(Has("onnx-uint8") ? $", and so does the model `{name}.uint8.onnx` (input `pixels`: bytes [N, height, width, {draft.PictureChannels}])" : "")}{(Has("files") ? $"; `Embed(path)` in `{name}Files.cs` decodes the file too" : "")}" : "; pictures of that kind do not come as bytes, so no form makes images of them by itself")}.");
        Line($"");
        text.Append(
            Snippets.Replace("PICTURES", PictureLine(draft.PictureChannels), StringComparison.Ordinal)
                .Replace("NAME", name, StringComparison.Ordinal));
        if (!Has("onnx")) return text.ToString();
        text.Append(OnnxSnippet.Replace("NAME", name, StringComparison.Ordinal));
        return text.ToString();

        bool Has(string form) => card["forms"]!.AsArray().Any(written => (string)written!["form"]! == form);

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void Row(string what, FormattableString value) =>
            Line($"| {what} | {OneLine.Of(value.ToString(CultureInfo.InvariantCulture)).Replace("|", "\\|")} |");
    }

    /// <summary>Text of somebody's as it is: no sign in it is Markdown's, or HTML's.</summary>
    private static string Plain(string text) => string.Concat(text.Select(sign => @"\`*_[]<>~&".Contains(sign) ? $@"\{sign}" : $"{sign}"));

    private static string PictureLine(int channels) => channels == 0
        ? ""
        : $"var values = net.Embed({Pixels(channels)}, width, height);      // of a picture of any size: bytes [height, width, {channels}]\n";

    /// <summary>What the pixels are called in code.</summary>
    private static string Pixels(int channels) => channels == 1 ? "grey" : "rgb";

    private const string Snippets = """
        C#, with the TorchSharp API:

        ```csharp
        using var net = new NAME().load_safetensors("NAME.safetensors");
        net.eval();
        using var embedding = net.call(images);
        PICTURES```

        Python, with the keys of torchvision's or timm's network of the kind:

        ```python
        import json, struct
        import numpy, torch

        def load(path):
            with open(path, 'rb') as file:
                header = json.loads(file.read(struct.unpack('<q', file.read(8))[0]))
                data = file.read()
            types = {'F32': numpy.float32, 'F16': numpy.float16, 'I64': numpy.int64}
            return {name: torch.from_numpy(numpy.frombuffer(data[slice(*t['data_offsets'])], types[t['dtype']]).reshape(t['shape']).copy())
                    for name, t in header.items() if name != '__metadata__'}

        state = load('NAME.safetensors')
        ```

        """;

    private const string OnnxSnippet = """

        ONNX Runtime, in Python; other languages name the same input and outputs:

        ```python
        import onnxruntime
        session = onnxruntime.InferenceSession('NAME.onnx')
        embedding, = session.run(['embedding'], {'images': images})
        ```

        """;
}
