using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Emit;

/// <summary>A field of an emitted module class.</summary>
/// <param name="Field">Its name in C#.</param>
/// <param name="Name">Its name in the state dict.</param>
/// <param name="New">The expression that makes it, on one line or more.</param>
/// <param name="Condition">Constructor parameter without which the field stays null.</param>
internal sealed record Member(string Field, string Name, string Type, string New, string? Condition = null)
{
    private bool IsParameter => Type == "Parameter";

    public static void EmitFields(SourceWriter w, IEnumerable<Member> members)
    {
        foreach (var m in members) w.Line($"private readonly {m.Type}{(m.Condition is null ? "" : "?")} {m.Field};");
    }

    public static void EmitAssignments(SourceWriter w, IEnumerable<Member> members)
    {
        foreach (var m in members) w.Line($"{(m.Condition is null ? "" : $"if ({m.Condition}) ")}{m.Field} = {m.New};");
        w.Line("RegisterComponents();");
    }

    /// <summary>Registration by name in place of the base class's reflection: works after trimming and ahead-of-time compilation.</summary>
    public static void EmitRegistration(SourceWriter w, IEnumerable<Member> members)
    {
        w.Line("/// <inheritdoc/>");
        w.Block("protected override void RegisterComponents()", () =>
        {
            w.Line("if (registered) return;").Line("registered = true;");
            foreach (var m in members)
                w.Line($"{(m.Condition is null ? "" : $"if ({m.Field} is not null) ")}register_{(m.IsParameter ? "parameter" : "module")}({Names.Literal(m.Name)}, {m.Field});");
        });
        w.Line();
    }

    public static void EmitDispose(SourceWriter w, IEnumerable<Member> members)
    {
        w.Line("/// <inheritdoc/>");
        w.Block("protected override void Dispose(bool disposing)", () =>
        {
            w.Block("if (disposing)", () =>
            {
                foreach (var m in members) w.Line($"{m.Field}{(m.Condition is null ? "" : "?")}.Dispose();");
            });
            w.Line("base.Dispose(disposing);");
        });
    }
}
