// What a page is on a phone, with large text and in forced colours. Each part answers with complaints, or with numbers.
(() => {
  const LEAST = 43.5 // CSS pixels: 44, but for rounding
  const CONTROLS = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']"
  const FRAMED = `button:not(.button-plain), .button, .button-quiet, .button-danger, .mail-button, .notice, .card,
    .error-summary, select, textarea, input:not([type=hidden], [type=checkbox], [type=radio])`

  const all = selector => [...document.querySelectorAll(selector)]
  const words = node => node.textContent.replace(/\s+/g, " ").trim()
  const named = element => {
    const tag = element.cloneNode(false).outerHTML.replace(/<\/\w+>$/, "")
    return `${tag.slice(0, 160)}${words(element).slice(0, 30)}`
  }
  const isSeen = element => {
    const box = element.getBoundingClientRect()
    const isDrawn = element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    return isDrawn && box.width > 1 && box.height > 1 && box.right > 0 && !element.closest("[aria-hidden=true], .skip-link")
  }

  // A link in a sentence may be as low as its line; what stands alone has to be hit with a thumb.
  const isInSentence = element => {
    if (!element.matches("a") || getComputedStyle(element).display !== "inline") return false
    let around = element.parentElement
    while (getComputedStyle(around).display === "inline") around = around.parentElement
    const letters = text => text.replace(/\W/g, "").length
    return letters(words(around)) > letters([...around.querySelectorAll("a, .tag")].map(words).join(""))
  }
  const target = element => {
    const isBox = element.matches("[type=checkbox], [type=radio]")
    const boxes = [element, ...(isBox ? element.labels : [])].map(each => each.getBoundingClientRect())
    const width = Math.max(...boxes.map(each => each.right)) - Math.min(...boxes.map(each => each.left))
    return [Math.round(width), Math.round(Math.max(...boxes.map(each => each.height)))]
  }
  const smallTargets = () =>
    all(CONTROLS)
      .filter(each => isSeen(each) && !isInSentence(each))
      .map(each => [each, target(each)])
      .filter(([, size]) => Math.min(...size) < LEAST)
      .map(([each, size]) => `a target of ${size.join(" × ")}: ${named(each)}`)

  const sideways = () => {
    const page = document.documentElement
    if (page.scrollWidth <= page.clientWidth) return []
    const isWide = each => each.getBoundingClientRect().right > page.clientWidth + 0.5 && !each.closest(".table-scroll")
    const wide = all("body *").filter(isWide).at(-1)
    return [`${page.scrollWidth - page.clientWidth} px too wide: ${wide ? named(wide) : "something"}`]
  }
  const cutOff = () =>
    all("body *")
      .filter(each => isSeen(each) && !each.closest(".visually-hidden, legend, svg, .table-scroll"))
      .filter(each => !each.matches("input, select, option, optgroup, textarea"))
      .filter(each => {
        const { overflowX, overflowY, display } = getComputedStyle(each)
        if (display.startsWith("inline") && !each.matches("button, .button, .button-quiet")) return false
        const isTooWide = each.scrollWidth > each.clientWidth + 1
        const isTooHigh = each.scrollHeight > each.clientHeight + 1
        return (isTooWide && (overflowX !== "visible" || each.matches("button"))) || (isTooHigh && overflowY !== "visible")
      })
      .map(each => `cut off: ${named(each)}`)

  const hasEdge = element => {
    const style = getComputedStyle(element)
    return ["Top", "Bottom", "Left", "Right"].some(side =>
      parseFloat(style[`border${side}Width`]) >= 1 && style[`border${side}Style`] !== "none"
        && style[`border${side}Color`] !== style.backgroundColor)
  }
  const edgeless = () =>
    all(FRAMED).filter(each => isSeen(each) && !hasEdge(each)).map(each => `no edge in forced colours: ${named(each)}`)
  const stepsThatLookAlike = () => {
    const looks = new Map()
    for (const step of all(".steps > li")) {
      const { content, borderTopWidth } = getComputedStyle(step, "::before")
      looks.set(step.hasAttribute("aria-current") ? "current" : step.className, `${content} ${borderTopWidth}`)
    }
    const told = ["step-completed", "step-problem", "current"].filter(each => looks.has(each)).map(each => looks.get(each))
    return new Set(told).size === told.length ? [] : [`steps look alike: ${told.join("; ")}`]
  }
  const focusUnseen = () => {
    const control = all(CONTROLS).find(isSeen)
    if (!control) return []
    const before = document.activeElement
    control.focus({ focusVisible: true, preventScroll: true })
    const { outlineStyle, outlineWidth } = getComputedStyle(control)
    control.blur()
    if (before !== document.body) before.focus({ preventScroll: true })
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 ? [] : [`focus cannot be seen: ${named(control)}`]
  }

  // Hints and errors belong to their question, choices to a group; nothing is chosen twice.
  const untied = () => {
    const complaints = []
    for (const field of all("main .field")) {
      const tied = [field, ...field.querySelectorAll("[aria-describedby]")]
        .flatMap(each => each.getAttribute("aria-describedby")?.split(/\s+/) ?? [])
      for (const said of field.querySelectorAll(".hint, .errorlist")) {
        if (words(said) && !tied.includes(said.id)) complaints.push(`belongs to no question: ${named(said)}`)
      }
    }
    for (const choice of all("main [type=radio]")) {
      if (!words(choice.closest("fieldset")?.querySelector("legend") ?? document.createElement("i"))) {
        complaints.push(`belongs to no group: ${named(choice)}`)
      }
    }
    for (const select of all("select:not([multiple])")) {
      const values = [...select.options].map(each => each.value)
      const chosen = select.querySelectorAll("option[selected]").length
      if (chosen > 1 || new Set(values).size < values.length) complaints.push(`a choice is there twice: ${named(select)}`)
    }
    return complaints
  }
  // In one column, what is read later is never above.
  const outOfOrder = () => {
    const read = all("main :is(h1, h2, h3, legend, label, input, select, textarea, button, summary, dt)")
      .filter(each => isSeen(each) && !each.matches("legend, .visually-hidden"))
    return read
      .filter((each, place) =>
        place && each.getBoundingClientRect().bottom <= read[place - 1].getBoundingClientRect().top + 0.5)
      .map(each => `is read later than what is below it: ${named(each)}`)
  }
  const isTouched = () =>
    all("main :is(input, textarea)").some(each =>
      /^(checkbox|radio)$/.test(each.type) ? each.checked !== each.defaultChecked
        : each.type === "file" ? each.files.length : each.value !== each.defaultValue)
    || all("main option").some(each => each.selected !== each.defaultSelected && each.index > 0)
  const errorsNotFirst = () => {
    const summary = document.querySelector(".error-summary")
    if (!summary || isTouched()) return []
    const isBefore = summary.compareDocumentPosition(document.querySelector("h1")) & Node.DOCUMENT_POSITION_FOLLOWING
    return isBefore && document.activeElement === summary ? [] : ["the errors are not what is read first"]
  }
  const moves = () => (document.getAnimations().length ? ["something moves"] : [])
  const scripts = () => all("script, [onclick], [onchange], [oninput], [onsubmit]").map(each => `a script: ${named(each)}`)

  const setText = size => { document.documentElement.style.fontSize = size }
  return {
    isVendors: () => Boolean(document.querySelector("link[rel=stylesheet][href*='/passport/passport']")),
    onPhone: () => [...smallTargets(), ...untied(), ...outOfOrder(), ...errorsNotFirst(), ...moves(), ...scripts(), ...sideways(), ...cutOff()],
    facts: () => ({
      height: document.documentElement.scrollHeight,
      weight: performance.getEntriesByType("navigation")[0].decodedBodySize,
      isTouched: isTouched(),
      hasNews: Boolean(document.querySelector(".error-summary, .notice, .tag-error, .tag-warning")),
    }),
    onSmallScreen: () => [...sideways(), ...cutOff()],
    withLargeText: () => {
      setText("200%")
      try { return [...sideways(), ...cutOff()].map(each => `with text at 200 %: ${each}`) } finally { setText("") }
    },
    inForcedColours: () => [...edgeless(), ...stepsThatLookAlike(), ...focusUnseen()],
  }
})()
